//! Builds the list again when a file of it is added, changed or removed.

fn main() {
    // A build script speaks to cargo through its output.
    #[expect(clippy::print_stdout, reason = "the build script protocol")]
    {
        println!("cargo:rerun-if-changed=.");
    }
}
