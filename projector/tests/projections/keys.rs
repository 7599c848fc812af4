//! The master keys that the projectors of these tests have.

use sealing::MasterKeys;

/// Where they are, for a process of its own.
pub(crate) const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/master.key");

/// Them.
pub(crate) fn master() -> MasterKeys {
    MasterKeys::parse(include_str!("../master.key")).unwrap()
}
