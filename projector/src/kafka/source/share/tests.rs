//! Which records count, and how far a partition has come.

use event_log::Position;
use proptest::prelude::*;

use super::{Share, Verdict};
use crate::kafka::source::horizon::Horizon;
use crate::partitions::Mark;

const NONE: [u64; 0] = [];

fn mark(next_offset: i64, position: u64) -> Mark {
    Mark { next_offset, position: Position(position) }
}

/// A partition that is known up to there and goes from offset 0 to `end`.
fn share(next_offset: i64, position: u64, end: i64) -> Share {
    let mut share = Share::new(1, mark(next_offset, position));
    share.begin(0, end, Position::START);
    share
}

/// The positions that count among records that stand one after another from `offset` on.
fn taken(share: &mut Share, offset: i64, positions: &[u64]) -> Vec<u64> {
    let judged = |(place, position): (usize, &u64)| {
        let offset = offset + i64::try_from(place).unwrap();
        let verdict = share.judge(offset, Position(*position));
        (verdict == Verdict::New).then_some(*position)
    };
    positions.iter().enumerate().filter_map(judged).collect()
}

#[test]
fn what_is_in_the_tables_does_not_count_again() {
    let mut share = share(3, 9, 8);
    assert_eq!(taken(&mut share, 2, &[9, 5, 9, 12, 9, 12, 15]), [12, 15]);
    assert_eq!((share.target, share.refusal()), (mark(9, 15), None));
}

#[test]
fn it_begins_with_the_last_record_that_is_known() {
    for (next, beginning, end, expected) in
        [(0, 0, 0, 0), (0, 0, 5, 0), (3, 0, 5, 2), (5, 0, 5, 4), (3, 3, 5, 3), (2, 4, 5, 4)]
    {
        let mut share = Share::new(1, mark(next, 9));
        assert_eq!(share.begin(beginning, end, Position::START), expected, "{next}");
        assert_eq!(share.refusal(), None);
    }
}

#[test]
fn another_record_than_the_one_that_is_known_is_refused() {
    let mut share = share(3, 9, 8);
    assert_eq!(taken(&mut share, 2, &[10, 11]), NONE);
    assert!(share.refusal().unwrap().contains("another partition"));
    assert_eq!(share.target, mark(3, 9));
}

#[test]
fn a_partition_that_ends_before_what_is_known_is_refused() {
    let mut share = Share::new(1, mark(9, 9));
    share.begin(0, 8, Position::START);
    assert!(share.refusal().unwrap().contains("another one"));
}

#[test]
fn a_gap_is_refused_unless_what_follows_it_is_known() {
    let mut lost = share(3, 9, 8);
    assert_eq!(taken(&mut lost, 5, &[12, 15]), NONE);
    assert!(lost.refusal().unwrap().contains("from offset 3 up to 5"));
    assert_eq!(lost.target, mark(3, 9));

    let mut known = share(3, 9, 8);
    assert_eq!(taken(&mut known, 5, &[7, 9, 12]), [12]);
    assert_eq!((known.target, known.refusal()), (mark(8, 12), None));
}

#[test]
fn a_gap_is_not_forgotten_over_a_record_that_is_no_event() {
    let mut share = share(3, 9, 8);
    assert!(share.pass(5));
    assert_eq!(share.target, mark(3, 9), "nothing is passed over for good");
    assert_eq!(taken(&mut share, 6, &[12]), NONE);
    assert!(share.refusal().is_some());
}

#[test]
fn a_record_that_is_no_event_is_passed_over_once() {
    let mut share = share(3, 9, 8);
    assert_eq!([share.pass(2), share.pass(3), share.pass(3)], [false, true, false]);
    assert_eq!(taken(&mut share, 4, &[12]), [12]);
}

#[test]
fn where_nothing_is_left_the_relay_tells_whether_something_is_missing() {
    for (relayed, refused) in [(9, false), (10, true)] {
        let mut share = Share::new(1, mark(3, 9));
        share.begin(7, 7, Position(relayed));
        assert_eq!(share.refusal().is_some(), refused);
        assert_eq!(share.target.next_offset, if refused { 3 } else { 7 });
    }
}

#[test]
fn what_was_refused_stays_so_until_it_is_known_to_be_sound() {
    let mut lost = share(3, 9, 8);
    taken(&mut lost, 5, &[12]);
    // The tables were made anew.
    let mut again = lost.again(mark(3, 20));
    again.begin(5, 8, Position(20));
    assert!(again.refusal().is_some());
    assert_eq!(taken(&mut again, 5, &[12, 15]), NONE);
    assert_eq!(again.refusal(), None);
}

#[test]
fn a_horizon_counts_once_it_is_reached() {
    let mut share = share(0, 0, 5);
    let horizon = |position, end| Horizon { position: Position(position), ends: vec![99, end] };
    for (position, end) in [(10, 2), (20, 4), (30, 6), (40, 8)] {
        share.see(&horizon(position, end), 1);
    }
    share.reach();
    assert_eq!(share.target.position, Position(0));
    taken(&mut share, 0, &[1, 3]);
    share.reach();
    assert_eq!(share.target, mark(2, 10));
    // Of those behind the nearest only the furthest is kept.
    taken(&mut share, 2, &[12, 13, 21, 22, 31, 32]);
    share.reach();
    assert_eq!(share.target, mark(8, 40));
}

#[test]
fn it_stands_still_when_there_is_more_and_nothing_comes() {
    let mut share = share(0, 0, 5);
    assert!(!share.stands_still() && !share.stands_still());
    share.see(&Horizon { position: Position(10), ends: vec![2] }, 0);
    assert!(!share.stands_still() && share.stands_still());
    taken(&mut share, 0, &[1]);
    assert!(!share.stands_still() && share.stands_still());
    taken(&mut share, 1, &[3]);
    share.reach();
    assert!(!share.stands_still() && !share.stands_still());
}

proptest! {
    /// A relay that is cut off anywhere begins again with what it is not sure of; several that believe
    /// in themselves send at once. A reader that is cut off anywhere begins again with what it knows.
    #[test]
    fn each_event_counts_once_and_in_order(
        events in prop::collection::btree_set(1u64..500, 1..60),
        runs in prop::collection::vec((0usize..60, 1usize..60), 0..8),
        stops in prop::collection::vec(0usize..200, 0..5),
    ) {
        let events: Vec<u64> = events.into_iter().collect();
        let mut records: Vec<u64> = vec![];
        let mut sent = 0;
        for (back, length) in runs.into_iter().chain([(0, events.len())]) {
            let from = sent - back.min(sent);
            let to = (from + length).min(events.len());
            records.extend(&events[from..to]);
            sent = sent.max(to);
        }
        let end = i64::try_from(records.len()).unwrap();
        let mut counted = vec![];
        let mut known = mark(0, 0);
        for stop in stops.into_iter().chain([records.len()]) {
            let mut share = Share::new(1, known);
            let begin = share.begin(0, end, Position::START);
            let upto = stop.min(records.len());
            if let Some(read) = records.get(usize::try_from(begin).unwrap()..upto) {
                counted.extend(taken(&mut share, begin, read));
            }
            prop_assert_eq!(share.refusal(), None);
            known = share.target;
        }
        prop_assert_eq!(counted, events);
    }
}
