//! What was done to a log that is not the one that was signed.

mod follow;
mod tell;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use ulid::Ulid;

use crate::align::{Aligner, Differences, Reference};
use crate::entry::Named;
use crate::finding::Finding;
use crate::sequence::Sequenced;
use crate::source::{Part, Source, Unchecked};

/// Of so many events in a row at most, all names are told.
const NAMED: usize = 10;

/// Everything that a log's entries tell when they are laid beside the hashes that they should have.
pub struct Diagnosis {
    /// What was done.
    pub differences: Differences,
    names: BTreeMap<u64, Named>,
    is_dense: bool,
}

/// Reads the log once more, as far as `size`, and lays it beside the hashes.
pub async fn diagnose(
    source: &Source,
    size: u64,
    reference: Reference,
) -> Result<Diagnosis, Unchecked> {
    let is_dense = reference.is_dense;
    let mut aligner = Aligner::new(reference)?;
    let mut parts = source.parts(size);
    while let Some(part) = parts.next().await {
        if let Part::Run(run) = part? {
            for bytes in run.entries {
                aligner.add(&bytes.entry, &bytes.bytes)?;
            }
        }
    }
    let differences = aligner.end()?;
    let wanted = tell::to_be_named(&differences);
    let names = names(source, size, &wanted, &[]).await?;
    Ok(Diagnosis { differences, names, is_dense })
}

/// The names of the entries of these numbers, and of all that have one of these ids.
pub async fn names(
    source: &Source,
    size: u64,
    wanted: &BTreeSet<u64>,
    ids: &[Ulid],
) -> Result<BTreeMap<u64, Named>, Unchecked> {
    let (mut names, mut served) = (BTreeMap::new(), 0);
    if wanted.is_empty() && ids.is_empty() {
        return Ok(names);
    }
    let mut parts = source.parts(size);
    while let Some(part) = parts.next().await {
        let Part::Run(run) = part? else { continue };
        for bytes in run.entries {
            let has_id = bytes.entry.said.as_ref().is_ok_and(|said| ids.contains(&said.id));
            if has_id || wanted.contains(&served) {
                names.insert(served, bytes.entry.named(served));
            }
            served += 1;
        }
    }
    Ok(names)
}

impl Diagnosis {
    /// What was done, cause by cause; what in the sequence of entries follows from it is taken out of
    /// `sequenced` and told with its cause.
    pub fn findings(&self, sequenced: &mut Sequenced) -> Vec<Finding> {
        let (gaps, streams) = follow::gaps(&self.differences, &sequenced.found);
        let mut findings = self.tell(&gaps);
        follow::attribute(&mut findings, &streams, &self.differences, sequenced);
        findings
    }
}
