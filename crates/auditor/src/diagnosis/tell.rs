//! Differences in words.

use std::collections::{BTreeMap, BTreeSet};

use super::{Diagnosis, NAMED};
use crate::align::{Differences, Placed};
use crate::entry::Named;
use crate::finding::{Finding, Kind};

/// The entries whose names will be told.
pub(super) fn to_be_named(differences: &Differences) -> BTreeSet<u64> {
    let Differences { changed, renumbered, inserted, swapped, moved, .. } = differences;
    let few = |placed: &[Placed]| placed.iter().take(1000).map(|p| p.served).collect::<Vec<_>>();
    let swapped = swapped.iter().take(1000).flatten().map(|placed| placed.served);
    [few(changed), few(&renumbered[..renumbered.len().min(1)]), few(moved)]
        .concat()
        .into_iter()
        .chain(inserted.iter().copied().take(1000))
        .chain(swapped)
        .collect()
}

/// Numbers that follow one another, as the first of each run and how many there are.
fn runs(numbers: impl IntoIterator<Item = u64>) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = vec![];
    for number in numbers {
        match runs.last_mut() {
            Some((first, count)) if *first + *count == number => *count += 1,
            _ => runs.push((number, 1)),
        }
    }
    runs
}

fn further(count: u64) -> Vec<String> {
    let further = count.saturating_sub(NAMED as u64);
    if further > 0 { vec![format!("and {further} further events in a row")] } else { vec![] }
}

impl Diagnosis {
    /// One finding for each thing that was done. `gaps` says of missing events, by their index, which
    /// stream lacks which version.
    pub(super) fn tell(&self, gaps: &BTreeMap<u64, (String, u32)>) -> Vec<Finding> {
        let mut findings = self.missing(gaps);
        findings.extend(self.inserted());
        findings.extend(self.swapped_and_moved());
        findings.extend(self.changed(gaps));
        let renumbered = &self.differences.renumbered;
        if let Some(first) = renumbered.first() {
            let text = format!(
                "the positions of {} later events were changed to fit, from {} on",
                renumbered.len(),
                self.name(*first)
            );
            match findings
                .iter_mut()
                .find(|f| matches!(f.kind, Kind::Missing | Kind::Inserted | Kind::Moved))
            {
                Some(cause) => cause.details.push(text),
                None => findings.push(
                    Finding::new(
                        Kind::Changed,
                        format!("{} events have other positions than they had", renumbered.len()),
                    )
                    .about([self.name(*first)]),
                ),
            }
        }
        let shifted = self.differences.shifted_out;
        let cause = findings.iter_mut().find(|finding| finding.kind == Kind::Inserted);
        if let Some(cause) = cause.filter(|_| shifted > 0) {
            cause.details.push(match shifted {
                1 => "the last event that was signed is now beyond what the tree covers".to_owned(),
                _ => format!(
                    "the last {shifted} events that were signed are now beyond what the tree covers"
                ),
            });
        }
        findings
    }

    fn name(&self, placed: Placed) -> Named {
        self.names.get(&placed.served).cloned().unwrap_or_else(|| Named::unknown(placed.served))
    }

    fn missing(&self, gaps: &BTreeMap<u64, (String, u32)>) -> Vec<Finding> {
        let name = |index: u64| {
            let stream = gaps.get(&index);
            Named {
                position: self.is_dense.then_some(index + 1),
                stream: stream.map(|(stream, _)| stream.clone()),
                version: stream.map(|(_, version)| *version),
                ..Named::unknown(index)
            }
        };
        let tell = |(first, count): (u64, u64)| {
            let text = match count {
                1 => "an event that was signed is not there any more".to_owned(),
                _ => format!(
                    "{count} events in a row that were signed are not there any more, index {first} to {}",
                    first + count - 1
                ),
            };
            let events = (first..first + count).take(NAMED).map(name);
            Finding::new(Kind::Missing, text).about(events).with(further(count))
        };
        runs(self.differences.missing.iter().copied()).into_iter().map(tell).collect()
    }

    fn inserted(&self) -> Vec<Finding> {
        let tell = |(first, count): (u64, u64)| {
            let text = match count {
                1 => "an event is there that was never signed".to_owned(),
                _ => format!("{count} events in a row are there that were never signed"),
            };
            let name = |served| self.name(Placed { index: served, served });
            let events = (first..first + count).take(NAMED).map(name);
            Finding::new(Kind::Inserted, text).about(events).with(further(count))
        };
        runs(self.differences.inserted.iter().copied()).into_iter().map(tell).collect()
    }

    fn swapped_and_moved(&self) -> Vec<Finding> {
        let belongs = |placed: &Placed| {
            format!("the one at index {} belongs at index {}", placed.served, placed.index)
        };
        let swapped = self.differences.swapped.iter().map(|pair| {
            let text = "two events have changed places";
            let finding =
                Finding::new(Kind::Moved, text).about(pair.map(|placed| self.name(placed)));
            finding.with(pair.iter().map(belongs))
        });
        let moved = self.differences.moved.iter().map(|placed| {
            let text = "an event is elsewhere than it was signed";
            Finding::new(Kind::Moved, text).about([self.name(*placed)]).with([belongs(placed)])
        });
        swapped.chain(moved).collect()
    }

    fn changed(&self, gaps: &BTreeMap<u64, (String, u32)>) -> Vec<Finding> {
        let changed = &self.differences.changed;
        let served: BTreeMap<u64, u64> = changed.iter().map(|p| (p.index, p.served)).collect();
        let tell = |(first, count): (u64, u64)| {
            let text = match count {
                1 => "an event is not what was signed in its place".to_owned(),
                _ => format!(
                    "{count} events in a row are not what was signed in their place, index {first} to {}",
                    first + count - 1
                ),
            };
            let placed = served.range(first..first + count).take(NAMED);
            let events = placed.map(|(index, served)| {
                let named = self.name(Placed { index: *index, served: *served });
                Named { index: *index, ..named }
            });
            let replaced = gaps.range(first..first + count).take(NAMED);
            let replaced = replaced.map(|(index, (stream, version))| {
                format!(
                    "at index {index} was, by the gap that it leaves, {stream} version {version}"
                )
            });
            Finding::new(Kind::Changed, text).about(events).with(further(count)).with(replaced)
        };
        runs(served.keys().copied()).into_iter().map(tell).collect()
    }
}
