//! Of many that name the same, the latest.

use std::collections::BTreeMap;

use events::Timestamp;

/// The latest of each id, in the order of the ids; of two of the same time the one that comes later.
pub(crate) fn latest<T, I: Ord>(
    all: &[T],
    id: impl for<'a> Fn(&'a T) -> &'a I,
    at: impl Fn(&T) -> Timestamp,
) -> Vec<&T> {
    let mut latest: BTreeMap<&I, &T> = BTreeMap::new();
    for one in all {
        let known = latest.entry(id(one)).or_insert(one);
        if at(known) <= at(one) {
            *known = one;
        }
    }
    latest.into_values().collect()
}
