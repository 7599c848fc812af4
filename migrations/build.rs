//! Builds the list again when a file of it is added, changed or removed.

fn main() {
    println!("cargo:rerun-if-changed=.");
}
