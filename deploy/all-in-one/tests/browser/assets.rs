//! What the pages are made of comes from where it says.

use std::fs;
use std::path::Path;

/// A file below the root of the repository, and what of it counts: a hint for debuggers was cut off.
fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join(path)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("//# sourceMappingURL="));
    lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

#[test]
fn htmx_is_the_published_one() {
    let package = "deploy/all-in-one/tests/clients/node_modules/htmx.org";
    for (ours, theirs) in [
        ("htmx.min.js", "dist/htmx.min.js"),
        ("hx-sse.min.js", "dist/ext/hx-sse.min.js"),
        ("LICENSE", "LICENSE"),
    ] {
        let committed = read(&format!("query-api/assets/htmx/{ours}"));
        assert!(committed == read(&format!("{package}/{theirs}")), "{ours} is not htmx.org 4.0.1");
    }
}
