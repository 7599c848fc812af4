//! What is irregular from one entry to the next, in words.

use std::collections::{BTreeMap, BTreeSet};

use super::Check;
use crate::diagnosis::names;
use crate::entry::Named;
use crate::finding::{Finding, Kind};
use crate::sequence::{Irregularity, Sequenced, Wrong};
use crate::source::Unchecked;

/// So many findings of this sort are told; of others, only the number.
const TOLD: usize = 50;

/// Tells what nothing else explains.
pub(super) async fn tell(
    check: &Check<'_>,
    size: u64,
    sequenced: &mut Sequenced,
    findings: &mut Vec<Finding>,
) -> Result<(), Unchecked> {
    let repeated: Vec<_> = sequenced.repeated.iter().take(TOLD).copied().collect();
    let mut sharing: BTreeMap<String, Vec<Named>> = BTreeMap::new();
    for named in names(check.source, size, &BTreeSet::new(), &repeated).await?.into_values() {
        sharing.entry(named.id.clone().unwrap_or_default()).or_default().push(named);
    }
    let known = |named: &Named| findings.iter().any(|finding| finding.events.contains(named));
    let shared: Vec<Finding> = sharing
        .into_iter()
        .filter(|(_, events)| !events.iter().any(known))
        .map(|(id, events)| {
            let text = format!("{} events have the id {id}", events.len());
            Finding::new(Kind::Id, text).about(events)
        })
        .collect();
    let irregular = of_sequence(sequenced);
    match findings.iter_mut().find(|finding| finding.kind == Kind::Root) {
        Some(root) => root.take_in(irregular.into_iter().chain(shared)),
        None => findings.extend(irregular.into_iter().chain(shared)),
    }
    if let Some(last) = findings.last_mut().filter(|_| sequenced.unlisted > 0) {
        last.details.push(format!("{} further irregularities are not listed", sequenced.unlisted));
    }
    Ok(())
}

/// One finding for each entry with which something is wrong. What is wrong on the same event stream later
/// may follow from it, and is told with it.
fn of_sequence(sequenced: &mut Sequenced) -> Vec<Finding> {
    let mut found = std::mem::take(&mut sequenced.found);
    found.sort_by_key(|irregular| (irregular.event.index, irregular.kind));
    let mut causes: Vec<Vec<Irregularity>> = vec![];
    for irregular in found {
        let belongs = |cause: &&mut Vec<Irregularity>| {
            let first = &cause[0];
            let is_of_position = irregular.kind == Wrong::Position;
            let stream = irregular.event.stream.as_ref().filter(|_| !is_of_position);
            first.event.index == irregular.event.index
                || is_of_position && first.kind == Wrong::Position
                || stream.is_some() && first.event.stream.as_ref() == stream
        };
        match causes.iter_mut().find(belongs) {
            Some(cause) => cause.push(irregular),
            None => causes.push(vec![irregular]),
        }
    }
    let left = causes.len().saturating_sub(TOLD);
    let mut findings: Vec<Finding> =
        causes.iter().take(TOLD).map(|cause| of_cause(cause)).collect();
    if let Some(last) = findings.last_mut().filter(|_| left > 0) {
        last.details.push(format!("and {left} further findings of this sort, at least"));
    }
    findings
}

fn of_cause(irregular: &[Irregularity]) -> Finding {
    let first = &irregular[0];
    let kind = match first.kind {
        Wrong::Form => Kind::Form,
        Wrong::Position => Kind::Position,
        Wrong::Version => Kind::Version,
        Wrong::Legality => Kind::Legality,
    };
    let (same, later): (Vec<_>, Vec<_>) =
        irregular[1..].iter().partition(|other| other.event.index == first.event.index);
    let later = later.first().map(|next| {
        let next = format!("{}: {}", next.event, next.text);
        match later.len() {
            1 => format!("and later {next}"),
            count => format!("and {count} later irregularities, the first: {next}"),
        }
    });
    Finding::new(kind, format!("{}: {}", heading(first.kind), first.text))
        .about([first.event.clone()])
        .with(same.into_iter().map(|other| other.text.clone()).chain(later))
}

fn heading(kind: Wrong) -> &'static str {
    match kind {
        Wrong::Form => "an entry is not in its form",
        Wrong::Position => "positions are not as they must be",
        Wrong::Version => "versions are not as they must be",
        Wrong::Legality => "an event could not have happened",
    }
}
