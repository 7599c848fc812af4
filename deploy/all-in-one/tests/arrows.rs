//! The arrows between the crates, as ARCHITECTURE.md draws them: who may depend on whom.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Each crate of ours, and which others of ours its product code may depend on. The all-in-one, which
/// may depend on all, is left out.
const ARROWS: [(&str, &[&str]); 15] = [
    ("events", &[]),
    ("event-log", &[]),
    ("sealing", &[]),
    ("service", &[]),
    ("migrations", &[]),
    ("web", &["events", "service"]),
    ("allmine", &["events"]),
    // Whoever checks the server must not share its code, but for what events mean.
    ("auditor", &["events"]),
    ("directory", &["events"]),
    ("command-api", &["allmine", "directory", "event-log", "events", "sealing", "service", "web"]),
    ("projector", &["directory", "event-log", "events", "sealing", "service"]),
    ("query-api", &["allmine", "event-log", "events", "sealing", "service", "web"]),
    ("testing", &["migrations"]),
    ("eventstore-stand-in", &[]),
    ("all-in-one", &ALL),
];

const ALL: [&str; 11] = [
    "allmine",
    "command-api",
    "directory",
    "event-log",
    "events",
    "migrations",
    "projector",
    "query-api",
    "sealing",
    "service",
    "web",
];

/// Libraries that only some may name, not even in tests.
const RESERVED: [(&str, &[&str]); 4] = [
    (
        "sqlx",
        &[
            "all-in-one",
            "command-api",
            "directory",
            "event-log",
            "migrations",
            "projector",
            "query-api",
            "sealing",
            "testing",
        ],
    ),
    ("jsonwebtoken", &["all-in-one", "testing", "web"]),
    ("rdkafka", &["all-in-one", "projector"]),
    ("eventstore", &["event-log"]),
];

fn packages() -> Vec<Package> {
    // Without dependencies nothing is resolved, so nothing is fetched.
    MetadataCommand::new().no_deps().exec().unwrap().packages
}

#[test]
fn every_crate_depends_only_on_what_it_may() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let allowed = BTreeMap::from(ARROWS);
    assert_eq!(ours, allowed.keys().copied().collect(), "a crate without its line in ARROWS");
    for package in &packages {
        let normal = package.dependencies.iter().filter(|on| on.kind == DependencyKind::Normal);
        for on in normal.filter(|on| ours.contains(on.name.as_str())) {
            let may = allowed[package.name.as_str()].contains(&on.name.as_str());
            assert!(may, "{} must not depend on {}", package.name, on.name);
        }
    }
}

#[test]
fn reserved_libraries_are_named_only_where_they_may_be() {
    for package in packages() {
        for on in &package.dependencies {
            let reserved = RESERVED.iter().find(|(library, _)| *library == on.name);
            let may = reserved.is_none_or(|(_, by)| by.contains(&package.name.as_str()));
            assert!(may, "{} must not name {}", package.name, on.name);
        }
    }
}

#[test]
fn the_domain_is_free_of_input_and_output_all_the_way_down() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "events", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}", "--locked", "--offline"])
        .output()
        .unwrap();
    let text = String::from_utf8(tree.stdout).unwrap();
    let names: BTreeSet<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains("events"), "{}", String::from_utf8_lossy(&tree.stderr));
    let forbidden = ["tokio", "axum", "hyper", "sqlx", "rdkafka", "eventstore", "reqwest"];
    let found: Vec<&str> = forbidden.into_iter().filter(|name| names.contains(name)).collect();
    assert_eq!(found, [""; 0], "reachable from events");
}
