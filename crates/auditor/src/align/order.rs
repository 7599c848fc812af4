//! Which entries are out of order.

use std::collections::BTreeSet;

use super::Placed;

/// Entries out of order.
#[derive(Debug, Default)]
pub(super) struct Disorder {
    pub(super) swapped: Vec<[Placed; 2]>,
    pub(super) moved: Vec<Placed>,
}

/// The fewest entries that must be moved to put all in order; two that only need to change places are
/// named as such. `all` is in the order in which they are served.
pub(super) fn of(all: &[Placed]) -> Disorder {
    let mut disorder = Disorder::default();
    if all.is_sorted_by_key(|placed| placed.index) {
        return disorder;
    }
    let mut sorted: Vec<u64> = all.iter().map(|placed| placed.index).collect();
    sorted.sort_unstable();
    let rank = |at: usize| sorted.partition_point(|index| *index < all[at].index);
    let mut rest = Vec::with_capacity(all.len());
    for at in 0..all.len() {
        let other = rank(at);
        if other == at || rank(other) != at {
            rest.push(all[at]);
        } else if at < other {
            disorder.swapped.push([all[other], all[at]]);
        }
    }
    let stay: BTreeSet<u64> = longest_ascent(&rest);
    disorder.moved = rest.into_iter().filter(|placed| !stay.contains(&placed.index)).collect();
    disorder
}

/// The indexes of the longest run of entries, not all next to one another, that is in order.
fn longest_ascent(all: &[Placed]) -> BTreeSet<u64> {
    // For each length the end of the run of that length that ends lowest, and for each entry the one
    // before it in its run.
    let (mut ends, mut before): (Vec<usize>, Vec<Option<usize>>) = (vec![], vec![]);
    for (at, placed) in all.iter().enumerate() {
        let length = ends.partition_point(|end| all[*end].index < placed.index);
        before.push(length.checked_sub(1).map(|length| ends[length]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let last = ends.last().copied();
    std::iter::successors(last, |at| before[*at]).map(|at| all[at].index).collect()
}
