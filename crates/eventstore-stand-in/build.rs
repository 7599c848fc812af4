//! Compiles the published protocol: the `.proto` files that the crate `eventstore` ships.

use std::env::VarError;
use std::error::Error;
use std::path::PathBuf;

use cargo_metadata::MetadataCommand;

/// The services that the stand-in offers, and what they import.
const FILES: [&str; 3] = ["streams.proto", "gossip.proto", "serverfeatures.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../../Cargo.lock");
    let protocol = protox::compile(FILES, [protocol()?])?;
    tonic_prost_build::configure().include_file("protocol.rs").compile_fds(protocol)?;
    Ok(())
}

/// The folder with the files, wherever cargo keeps the sources of what we depend on.
fn protocol() -> Result<PathBuf, Box<dyn Error>> {
    let mut metadata = MetadataCommand::new();
    metadata.manifest_path(PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("Cargo.toml"));
    let platform = format!("--filter-platform={}", variable("HOST")?);
    let ask = |more: &[&str]| {
        let options: Vec<String> = std::iter::once(platform.as_str())
            .chain(more.iter().copied())
            .map(str::to_owned)
            .collect();
        metadata.clone().other_options(options).exec()
    };
    // What this build needs is here by now. Where other members of the workspace need more, cargo
    // wants to fetch that before it says anything.
    let found = ask(&["--locked", "--offline"]).or_else(|_| ask(&["--locked"]))?;
    let package = found.packages.iter().find(|package| package.name == "eventstore");
    let manifest = &package.ok_or("the crate eventstore is not in the workspace")?.manifest_path;
    Ok(manifest.with_file_name("protos").into_std_path_buf())
}

#[expect(clippy::disallowed_methods, reason = "this is how cargo talks to build scripts")]
fn variable(name: &str) -> Result<String, VarError> {
    std::env::var(name)
}
