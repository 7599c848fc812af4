//! What ARCHITECTURE.md names must exist.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::fs;
use std::path::Path;

/// Files and functions that no longer exist, each as the document names it. A function is looked for
/// in the file that was named last before it.
fn missing(document: &str, root: &Path) -> Vec<String> {
    let mut missing = Vec::new();
    let mut source = String::new();
    for name in document.split('`').skip(1).step_by(2) {
        let is_path = name.contains('/') && !name.contains(' ') && name.contains('.');
        let is_function = !name.is_empty()
            && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
            && !source.is_empty();
        if is_path {
            match fs::read_to_string(root.join(name)) {
                Ok(text) => source = text,
                Err(_) => missing.push(name.to_owned()),
            }
        } else if is_function && !source.contains(&format!("fn {name}")) {
            missing.push(name.to_owned());
        }
    }
    missing
}

fn walkthroughs(root: &Path) -> String {
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let sections = text.split("\n## ").filter(|section| section.starts_with("Walkthrough"));
    // What stands in prose between two steps is not a function's name.
    let steps = sections.filter_map(|section| section.split_once("\n1. ").map(|(_, steps)| steps));
    steps.collect()
}

#[test]
fn the_walkthroughs_name_what_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let walkthroughs = walkthroughs(&root);
    assert!(walkthroughs.contains("create_ban") && walkthroughs.contains("rebuild"));
    assert_eq!(missing(&walkthroughs, &root), Vec::<String>::new());
}

#[test]
fn what_does_not_exist_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = "`tests/documents.rs` `missing` `imagined`, `src/imagined.rs`";
    assert_eq!(missing(document, root), ["imagined", "src/imagined.rs"]);
}
