//! How much memory this process holds, in kilobytes, as Linux tells it.

use std::fs;

/// Now.
pub(crate) fn now() -> u64 {
    field("VmRSS:")
}

/// The most since it was forgotten.
pub(crate) fn peak() -> u64 {
    field("VmHWM:")
}

/// Begins to look for the most anew.
pub(crate) fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

fn field(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
