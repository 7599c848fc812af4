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
    Ok(())
}

/// One finding for each entry with which something is wrong.
fn of_sequence(sequenced: &mut Sequenced) -> Vec<Finding> {
    let kept = sequenced.found.len() as u64;
    let mut found = std::mem::take(&mut sequenced.found);
    found.sort_by_key(|irregular| (irregular.event.index, irregular.kind));
    let by_event = found.chunk_by(|a, b| a.event.index == b.event.index);
    let mut findings: Vec<Finding> = by_event.take(TOLD).map(of_event).collect();
    let all: u64 = sequenced.counts.values().sum();
    let told = findings.iter().map(|finding| 1 + finding.details.len() as u64).sum::<u64>();
    if let Some(last) = findings.last_mut()
        && all.min(kept) > told
    {
        last.details.push(format!("and {} further irregularities after it", all - told));
    }
    findings
}

fn of_event(irregular: &[Irregularity]) -> Finding {
    let first = &irregular[0];
    let kind = match first.kind {
        Wrong::Form => Kind::Form,
        Wrong::Position => Kind::Position,
        Wrong::Version => Kind::Version,
        Wrong::Id => Kind::Id,
        Wrong::Legality => Kind::Legality,
    };
    let rest = irregular.iter().skip(1).map(|irregular| irregular.text.clone());
    Finding::new(kind, format!("{}: {}", heading(first.kind), first.text))
        .about([first.event.clone()])
        .with(rest)
}

fn heading(kind: Wrong) -> &'static str {
    match kind {
        Wrong::Form => "an entry is not in its form",
        Wrong::Position => "positions are not as they must be",
        Wrong::Version => "versions are not as they must be",
        Wrong::Id => "an id is not its event's own",
        Wrong::Legality => "an event could not have happened",
    }
}
