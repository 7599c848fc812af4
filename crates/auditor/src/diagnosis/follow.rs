//! What follows from something that was done to the log, so that one cause is told once.

use std::collections::{BTreeMap, BTreeSet};

use crate::align::Differences;
use crate::finding::{Finding, Kind};
use crate::sequence::{Irregularity, Sequenced, Wrong};

/// Of the missing events, which stream lacks which version there, as far as that can be told; and all
/// streams that lack one.
pub(super) fn gaps(
    differences: &Differences,
    found: &[Irregularity],
) -> (BTreeMap<u64, (String, u32)>, BTreeSet<String>) {
    let order = &differences.order;
    let index_of = |served: u64| {
        let at = order.binary_search_by_key(&served, |placed| placed.served);
        at.map_or(served, |at| order[at].index)
    };
    let missing: BTreeSet<u64> = differences.missing.iter().copied().collect();
    let changed = differences.changed.iter().map(|placed| placed.index);
    let mut left: BTreeSet<u64> = missing.iter().copied().chain(changed).collect();
    let (mut told, mut streams) = (BTreeMap::new(), BTreeSet::new());
    let gap = |irregular: &Irregularity| {
        let gap = irregular.gap.clone()?;
        let start = gap.after.map_or(0, |served| index_of(served) + 1);
        let end = index_of(irregular.event.index).max(start);
        Some((end - start, start..end, irregular.event.stream.clone()?, gap.versions))
    };
    let mut gaps: Vec<_> = found.iter().filter_map(gap).collect();
    // The closer the neighbours, the surer.
    gaps.sort_by_key(|(length, ..)| *length);
    for (_, between, stream, versions) in gaps {
        let all: Vec<u64> = left.range(between).copied().collect();
        if all.is_empty() {
            continue;
        }
        streams.insert(stream.clone());
        let gone: Vec<u64> = all.iter().copied().filter(|index| missing.contains(index)).collect();
        let fits = [gone, all].into_iter().find(|indexes| indexes.len() == versions.len());
        if let Some(indexes) = fits {
            for (index, version) in indexes.into_iter().zip(versions) {
                left.remove(&index);
                told.insert(index, (stream.clone(), version));
            }
        }
    }
    (told, streams)
}

/// Tells with each finding what is irregular because of it, and takes that out of `sequenced`.
pub(super) fn attribute(
    findings: &mut [Finding],
    lacking: &BTreeSet<String>,
    differences: &Differences,
    sequenced: &mut Sequenced,
) {
    if findings.is_empty() {
        return;
    }
    let shifts = |finding: &Finding| {
        matches!(finding.kind, Kind::Missing | Kind::Inserted | Kind::Moved)
            || !differences.renumbered.is_empty()
    };
    let mut consequences: Vec<Vec<Irregularity>> = vec![vec![]; findings.len()];
    let mut unexplained = vec![];
    for irregular in std::mem::take(&mut sequenced.found) {
        let stream = irregular.event.stream.as_ref();
        let is_about = |finding: &Finding| {
            finding.events.iter().any(|event| {
                event.index == irregular.event.index && event.id == irregular.event.id
                    || (stream.is_some() && event.stream.as_ref() == stream)
            })
        };
        let explains = |finding: &Finding| match irregular.kind {
            Wrong::Position => shifts(finding),
            Wrong::Form | Wrong::Version | Wrong::Legality => {
                is_about(finding)
                    || matches!(finding.kind, Kind::Missing | Kind::Changed)
                        && stream.is_some_and(|stream| lacking.contains(stream))
            }
        };
        let cause = findings.iter().position(is_about).filter(|at| explains(&findings[*at]));
        match cause.or_else(|| findings.iter().position(explains)) {
            Some(at) => consequences[at].push(irregular),
            None => unexplained.push(irregular),
        }
    }
    sequenced.found = unexplained;
    for (finding, consequences) in findings.iter_mut().zip(consequences) {
        let Some(first) = consequences.first() else { continue };
        let count = consequences.len();
        let told = format!("{}: {}", first.event, first.text);
        finding.details.push(match count {
            1 => format!("from this follows: {told}"),
            _ => format!("from this follow {count} irregularities, the first: {told}"),
        });
    }
}
