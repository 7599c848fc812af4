//! The active bans in memory: what they hold, and how much memory that takes.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use events::ban::ActionType;
use events::{BanId, Timestamp};
use query_api::access::{ActiveBan, ActiveBans, Standing};

/// The key of that number, spread like a hash.
fn key(nth: u64) -> [u8; 10] {
    let mixed = (nth + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    std::array::from_fn(|i| mixed.get(i).copied().unwrap_or_default())
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn ban(nth: u64, ordinal: u16, until: Option<&str>) -> ActiveBan {
    let id = BanId::of(key(nth), ordinal);
    ActiveBan { id, action_type: ActionType::Block, until: until.map(at) }
}

const NOW: &str = "2026-01-15T12:00:00.000Z";

#[test]
fn what_goes_in_comes_out() {
    let bans = ActiveBans::default();
    for (nth, action_type, until) in [
        (0, ActionType::Block, None),
        (1, ActionType::ChatOnly, None),
        (2, ActionType::Block, Some("2026-01-15T12:00:00.001Z")),
        (3, ActionType::ChatOnly, Some("6000-12-31T23:59:59.999Z")),
    ] {
        let ban = ActiveBan { action_type, ..ban(nth, u16::MAX, until) };
        bans.insert(ban);
        assert_eq!(bans.standing(&key(nth), at(NOW)), Standing::Banned(ban));
    }
    assert_eq!(bans.len(), 4);
    assert_eq!(bans.standing(&key(4), at(NOW)), Standing::Free);
}

#[test]
fn a_ban_goes_when_it_is_revoked_and_a_later_one_stays() {
    let bans = ActiveBans::default();
    let (first, second) = (ban(0, 1, None), ban(0, 2, None));
    bans.insert(first);
    bans.insert(second);
    bans.remove(first.id);
    assert_eq!(bans.standing(&key(0), at(NOW)), Standing::Banned(second));
    bans.remove(second.id);
    assert_eq!(bans.standing(&key(0), at(NOW)), Standing::Free);
    assert!(bans.is_empty());
}

#[test]
fn what_has_run_out_is_free_and_is_swept() {
    let bans = ActiveBans::default();
    for nth in 0..1_000 {
        bans.insert(ban(nth, 1, Some(NOW)));
        bans.insert(ban(nth + 1_000, 1, Some("2026-01-15T12:00:00.001Z")));
    }
    assert_eq!(bans.standing(&key(0), at(NOW)), Standing::Free);
    assert_eq!(bans.len(), 2_000);
    bans.sweep(at(NOW));
    // One sweep is a small part of the work.
    assert!((1_900..2_000).contains(&bans.len()), "{}", bans.len());
    for _ in 1..64 {
        bans.sweep(at(NOW));
    }
    assert_eq!(bans.len(), 1_000);
}

#[test]
fn what_is_unreadable_stays_so() {
    let bans = ActiveBans::default();
    bans.insert(ban(0, 1, None));
    bans.mark_unreadable(key(0));
    bans.insert(ban(0, 2, None));
    bans.remove(ban(0, 2, None).id);
    (0..64).for_each(|_| bans.sweep(at(NOW)));
    assert_eq!(bans.standing(&key(0), at(NOW)), Standing::Unreadable);
}

/// Alone in its process would be exact; the other tests here allocate next to nothing.
#[test]
#[cfg(target_os = "linux")]
fn a_million_fit_into_150_megabytes() {
    fn resident() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
    let before = resident();
    let bans = ActiveBans::default();
    for nth in 0..1_000_000 {
        bans.insert(ban(nth, 1, Some("2026-02-15T12:00:00.000Z")));
    }
    let taken = resident() - before;
    assert_eq!(bans.len(), 1_000_000);
    assert!((18_000_000..150_000_000).contains(&taken), "{taken} bytes");
}
