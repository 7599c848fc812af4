//! The committed description of the API.

use std::fs;
use std::path::Path;

#[tokio::test]
async fn the_committed_document_is_what_the_routes_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    let committed = fs::read_to_string(path).unwrap_or_default();
    let present = all_in_one::openapi::json().unwrap() + "\n";
    assert!(committed == present, "run: cargo run -- openapi > openapi.json");
}
