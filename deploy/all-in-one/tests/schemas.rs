//! The committed descriptions of Kafka's topics.
//!
//! A schema that was published is as frozen as a golden sample: when it differs in more than words or a
//! member that may be absent, the event needs a new version, whose schema is a new file.

use std::fs;
use std::path::{Path, PathBuf};

use all_in_one::schemas;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_committed_schemas_are_what_the_types_say() {
    let present = schemas::files().unwrap();
    assert!(!present.is_empty());
    for (name, present) in present {
        let committed = fs::read_to_string(root().join("events/schemas").join(&name));
        let same = committed.unwrap_or_default() == present;
        assert!(same, "{name}: run: cargo run -- schemas events/schemas");
    }
}

#[test]
fn the_committed_topics_are_what_the_program_says() {
    let committed = fs::read_to_string(root().join("asyncapi.json")).unwrap_or_default();
    let present = schemas::topics().unwrap() + "\n";
    assert!(committed == present, "run: cargo run -- asyncapi > asyncapi.json");
}
