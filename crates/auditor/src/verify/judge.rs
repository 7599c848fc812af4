//! Whether the entries are those of the tree that was signed, and of the one that was seen before.

use tlog_tiles::Hash;

use super::Check;
use super::pass::Pass;
use crate::align::Reference;
use crate::checkpoint::Found;
use crate::diagnosis::diagnose;
use crate::finding::{Finding, Kind};
use crate::source::Unchecked;
use crate::state::Seen;
use crate::tree::hashes;

/// The hashes that the tree that was signed has, as far as they are known.
struct Signed {
    leaves: Vec<Option<Hash>>,
    /// Whether the tree itself, apart from the log's entries, is known.
    is_proven: bool,
}

/// Tells what is wrong with the entries as a whole.
pub(super) async fn judge(
    check: &Check<'_>,
    pass: &mut Pass,
    signed: Option<&Found>,
    seen: Option<&Seen>,
    findings: &mut Vec<Finding>,
) -> Result<(), Unchecked> {
    of_archive(pass, signed, findings);
    let tree = tree(pass, signed, findings)?;
    let is_signed = match (signed, &tree) {
        // What the entries lead to is what was signed.
        (Some(found), _) => is_rooted(pass, found),
        (None, _) => true,
    };
    let is_as_before = seen.is_none_or(|seen| pass.entries.root(seen.size) == Some(seen.root));
    let shrank = seen.zip(signed).filter(|(seen, found)| found.size < seen.size);
    if is_signed && is_as_before && shrank.is_none() {
        return Ok(());
    }
    let is_forked = match (seen, &tree) {
        (Some(seen), Some(tree)) if tree.is_proven && shrank.is_none() => {
            root_of(&tree.leaves, seen.size)? != Some(seen.root)
        }
        _ => false,
    };
    let reference = reference(check, pass, signed, seen.filter(|_| !is_as_before), tree)?;
    let Some(reference) = reference else {
        findings.extend(signed.map(|found| unknown(pass, found)));
        return Ok(());
    };
    let size = signed.map_or_else(|| seen.map_or(0, |seen| seen.size), |found| found.size);
    let diagnosis = diagnose(check.source, size, reference).await?;
    let told = diagnosis.findings(&mut pass.sequenced);
    match (seen, signed) {
        (Some(seen), Some(found)) if shrank.is_some() => {
            findings.push(shrunk(seen, found, told));
        }
        (Some(seen), Some(found)) if is_forked => findings.push(forked(seen, found, told)),
        _ => findings.extend(told),
    }
    Ok(())
}

/// Whether the entries lead to the root that was signed.
fn is_rooted(pass: &Pass, found: &Found) -> bool {
    let is_complete = pass.served.is_none() || pass.entries.size() == found.size;
    is_complete && pass.entries.root(found.size) == Some(found.root)
}

fn of_archive(pass: &Pass, signed: Option<&Found>, findings: &mut Vec<Finding>) {
    let size = pass.entries.size();
    let mut tell = |text: String| findings.push(Finding::new(Kind::Dump, text));
    if let Some(why) = &pass.cut_short {
        tell(format!("the dump was cut short after {size} events: {why}"));
    }
    let Some(end) = &pass.end else { return };
    if end.events != size {
        tell(format!("the dump says that it has {} events, and has {size}", end.events));
    } else if end.root() != pass.entries.root(size) {
        let root = pass.entries.root(size).map(|root| root.to_string()).unwrap_or_default();
        tell(format!("the dump says that its root is {}, and it is {root}", end.root_hash));
    }
    if let Some(found) = signed.filter(|found| found.size > size) {
        tell(format!("the dump's checkpoint is of {} events, and it has {size}", found.size));
    }
}

/// What of the tree is proven. Tiles that are not of the tree that was signed are told of.
fn tree(
    pass: &Pass,
    signed: Option<&Found>,
    findings: &mut Vec<Finding>,
) -> Result<Option<Signed>, Unchecked> {
    let Some(found) = signed else { return Ok(None) };
    let all = |bytes: &[u8]| hashes(bytes).map(Some).collect();
    let Some(served) = &pass.served else {
        let is_proven = is_rooted(pass, found);
        let leaves = || pass.entries.leaves(0, found.size);
        let leaves = is_proven.then(leaves).transpose()?.map(|bytes| all(&bytes));
        return Ok(leaves.map(|leaves| Signed { leaves, is_proven }));
    };
    if served.are_of(found.size, found.root) {
        let leaves = all(&served.tree.leaves(0, found.size)?);
        return Ok(Some(Signed { leaves, is_proven: true }));
    }
    if served.tree.size() < found.size {
        let have = served.tree.size();
        let text = format!("the tree has {have} leaves, and {} were signed", found.size);
        findings.push(Finding::new(Kind::Tree, text));
        return Ok(None);
    }
    let Some(proven) = served.prove(&pass.entries, found.size, found.root)? else {
        let text = "the tree was tampered with: its tiles do not lead to the root that was signed";
        findings.push(Finding::new(Kind::Tree, text));
        return Ok(None);
    };
    let tell = |name: &String| {
        let is_absent = served.absent.iter().any(|absent| absent.starts_with(name.as_str()));
        let what = if is_absent { "is not there" } else { "is not the tile that was signed" };
        format!("{name} {what}")
    };
    let text = "the tree was tampered with, apart from the log";
    let told = Finding::new(Kind::Tree, text).with(proven.wrong.iter().map(tell));
    findings.push(told);
    Ok(Some(Signed { leaves: proven.leaves, is_proven: true }))
}

/// What the entries are laid beside: the leaves that were seen before, where they are other than those
/// seen before, and after them, or else, those of the tree that was signed.
fn reference(
    check: &Check<'_>,
    pass: &Pass,
    signed: Option<&Found>,
    seen: Option<&Seen>,
    tree: Option<Signed>,
) -> Result<Option<Reference>, Unchecked> {
    let tree = tree.filter(|tree| tree.is_proven).map(|tree| tree.leaves);
    let before = seen.map(Seen::leaves).transpose()?;
    let Some(before) = before else {
        return Ok(tree.map(|hashes| Reference {
            is_beginning: pass.served.is_none(),
            is_dense: check.is_dense,
            hashes,
        }));
    };
    let mut hashes: Vec<Option<Hash>> = before.into_iter().map(Some).collect();
    let size = signed.map_or(hashes.len() as u64, |found| found.size);
    if let Some(after) = tree.as_deref().and_then(|tree| tree.get(hashes.len()..)) {
        hashes.extend(after);
    }
    let is_beginning = size > hashes.len() as u64 || pass.served.is_none();
    Ok(Some(Reference { is_beginning, is_dense: check.is_dense, hashes }))
}

fn root_of(leaves: &[Option<Hash>], size: u64) -> Result<Option<Hash>, Unchecked> {
    let mut tree = crate::tree::Tree::new()?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let Some(leaves) = leaves.get(..size) else { return Ok(None) };
    for leaf in leaves {
        tree.push(leaf.unwrap_or_default())?;
    }
    tree.flush()?;
    Ok(tree.root(tree.size()))
}

fn unknown(pass: &Pass, found: &Found) -> Finding {
    let root = pass.entries.root(found.size.min(pass.entries.size()));
    let root = root.map(|root| root.to_string()).unwrap_or_default();
    let text = format!("the entries are not those that were signed: they lead to the root {root}");
    let how = "which of them is another cannot be told without the tree's hashes: ask the server \
               itself, or check with a state folder that has seen this log before";
    Finding::new(Kind::Root, text).with([how.to_owned()])
}

fn shrunk(seen: &Seen, found: &Found, told: Vec<Finding>) -> Finding {
    let text = format!(
        "the log was cut back: at {} it had {} signed events, and now {}",
        seen.at, seen.size, found.size
    );
    gather(Finding::new(Kind::Rollback, text), told)
}

fn forked(seen: &Seen, found: &Found, told: Vec<Finding>) -> Finding {
    let text = format!(
        "two histories were signed: at {} the first {} events had the root {}, which they have not \
         in the tree of {} events that is signed now",
        seen.at, seen.size, seen.root, found.size
    );
    gather(Finding::new(Kind::Fork, text), told)
}

fn gather(mut finding: Finding, told: Vec<Finding>) -> Finding {
    finding.take_in(told);
    finding
}
