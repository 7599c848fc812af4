//! The whole check, from the checkpoint to what is remembered of it.

mod irregular;
mod judge;
mod pass;

use events::Timestamp;

use crate::checkpoint::{Found, Keys};
use crate::finding::{Finding, Kind};
use crate::report::{Checked, Report, SeenBefore, Signed};
use crate::source::{Source, Unchecked};
use crate::state::{Folder, Seen};
use pass::Pass;

/// What is checked, with what.
#[derive(Debug)]
pub struct Check<'a> {
    /// Where the log is read.
    pub source: &'a Source,
    /// What it is called in the report.
    pub called: String,
    /// What was seen before.
    pub folder: Option<&'a Folder>,
    /// Whether positions leave nothing out.
    pub is_dense: bool,
    /// The moment of the check.
    pub now: Timestamp,
}

/// Checks everything. What passes is remembered.
pub async fn verify(check: Check<'_>, keys: &Keys) -> Result<Report, Unchecked> {
    let mut findings = vec![];
    let mut signed = None;
    if let Source::Server(server) = check.source {
        let note = server.checkpoint().await?.ok_or(Unchecked::NoCheckpoint)?;
        signed = read(keys, note, &mut findings);
    }
    let mut seen = check.seen(keys, signed.as_ref())?;
    // Without a checkpoint to go by, as much is read as was there before.
    let size = signed.as_ref().map(|found| found.size);
    let size = size.or(seen.as_ref().map(|seen| seen.size)).unwrap_or(0);
    let mut pass = Pass::over(check.source, size, check.is_dense).await?;
    match pass.end.as_ref().map(|end| end.checkpoint.clone()) {
        Some(Some(note)) => {
            signed = read(keys, note.into_bytes(), &mut findings);
            seen = check.seen(keys, signed.as_ref())?;
        }
        Some(None) => {
            let text = "the dump has no checkpoint, so that nobody vouches for what is in it";
            findings.push(Finding::new(Kind::Signature, text));
        }
        None => {}
    }
    judge::judge(&check, &mut pass, signed.as_ref(), seen.as_ref(), &mut findings).await?;
    irregular::tell(&check, size, &mut pass.sequenced, &mut findings).await?;
    if let (Some(folder), Some(found), true) = (check.folder, &signed, findings.is_empty()) {
        let checkpoint = (found.origin.as_str(), &found.note[..], found.size);
        folder.remember(checkpoint, &pass.entries, check.now)?;
    }
    Ok(check.report(&pass, signed, seen, findings))
}

/// Reads a checkpoint, and tells what is wrong with it.
fn read(keys: &Keys, note: Vec<u8>, findings: &mut Vec<Finding>) -> Option<Found> {
    match keys.read(note) {
        Ok(found) => {
            if let Err(distrust) = &found.trust {
                let text = format!("the checkpoint is not to be trusted: {distrust}");
                findings.push(Finding::new(Kind::Signature, text));
            }
            Some(found)
        }
        Err(error) => {
            findings.push(Finding::new(Kind::Signature, error.to_string()));
            None
        }
    }
}

impl Check<'_> {
    /// What was seen of the log that the checkpoint names; of a log that a key is for, when the checkpoint
    /// cannot be trusted.
    fn seen(&self, keys: &Keys, signed: Option<&Found>) -> Result<Option<Seen>, Unchecked> {
        let Some(folder) = self.folder else { return Ok(None) };
        let named = signed.map(|found| found.origin.as_str());
        let is_trusted = signed.is_some_and(|found| found.trust.is_ok());
        let others = keys.origins().filter(|_| !is_trusted);
        for origin in named.into_iter().chain(others) {
            if let Some(seen) = folder.seen(origin)? {
                return Ok(Some(seen));
            }
        }
        Ok(None)
    }

    fn report(
        &self,
        pass: &Pass,
        signed: Option<Found>,
        seen: Option<Seen>,
        findings: Vec<Finding>,
    ) -> Report {
        let size = pass.entries.size();
        let vouched = signed.as_ref().map_or(0, |found| found.size);
        Report {
            is_good: findings.is_empty(),
            source: self.called.clone(),
            checked_at: self.now,
            checkpoint: signed.map(|found| Signed {
                origin: found.origin,
                size: found.size,
                root: found.root.to_string(),
                signer: found.trust.ok(),
            }),
            seen_before: seen.map(|seen| SeenBefore {
                at: seen.at,
                size: seen.size,
                root: seen.root.to_string(),
            }),
            checked: Checked {
                events: size,
                streams: pass.sequenced.streams,
                tiles: pass.tiles,
                unsigned: size.saturating_sub(vouched),
                root: pass.entries.root(size).map(|root| root.to_string()),
            },
            findings,
        }
    }
}
