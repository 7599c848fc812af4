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
use crate::tree::{Tree, hashes};

/// So many places are told at most.
const TOLD: usize = 10;

/// What the entries must lead to.
#[derive(Clone, Copy)]
struct Goal {
    size: u64,
    root: Hash,
}

/// Tells what is wrong with the entries as a whole.
pub(super) async fn judge(
    check: &Check<'_>,
    pass: &mut Pass,
    signed: Option<&Found>,
    seen: Option<&Seen>,
    findings: &mut Vec<Finding>,
) -> Result<(), Unchecked> {
    of_archive(pass, findings);
    let goal = signed.and_then(|found| goal(pass, found));
    let tree = goal.map(|goal| tree(pass, goal, findings)).transpose()?.flatten();
    let is_signed = goal.is_none_or(|goal| is_rooted(pass, goal));
    let is_as_before = seen.is_none_or(|seen| pass.entries.root(seen.size) == Some(seen.root));
    let shrank = seen.zip(signed).filter(|(seen, found)| found.size < seen.size);
    if is_signed && is_as_before && shrank.is_none() {
        return Ok(());
    }
    let is_forked = match (seen, &tree) {
        (Some(seen), Some(leaves)) if shrank.is_none() => {
            root_of(leaves, seen.size)? != Some(seen.root)
        }
        _ => false,
    };
    let is_tree_known = tree.is_some();
    let unproven = tree.as_deref().map(|leaves| unproven(pass, leaves)).transpose()?.flatten();
    let reference = reference(check, pass, goal, seen.filter(|_| !is_as_before), tree)?;
    let Some(reference) = reference else {
        findings.extend(goal.map(|goal| unknown(pass, goal)));
        return Ok(());
    };
    let size = signed.map_or_else(|| seen.map_or(0, |seen| seen.size), |found| found.size);
    let diagnosis = diagnose(check.source, size, reference).await?;
    let mut told = diagnosis.findings(&mut pass.sequenced);
    if let Some(first) = told.first_mut().filter(|_| pass.served.is_some() && !is_tree_known) {
        first.details.push("the tree is not the one that was signed either".to_owned());
    }
    findings.extend(unproven);
    match (seen, signed) {
        (Some(seen), Some(found)) if shrank.is_some() => {
            findings.push(shrunk(seen, found, told));
        }
        (Some(seen), Some(found)) if is_forked => findings.push(forked(seen, found, told)),
        _ => findings.extend(told),
    }
    Ok(())
}

/// What was signed. Where that cannot be trusted, which is told already, the tree that there is.
fn goal(pass: &Pass, found: &Found) -> Option<Goal> {
    let size = found.size;
    if found.trust.is_ok() {
        return Some(Goal { size, root: found.root });
    }
    let served = pass.served.as_ref()?;
    Some(Goal { size, root: served.tree.root(size)? })
}

/// Whether the entries lead to the root that was signed.
fn is_rooted(pass: &Pass, goal: Goal) -> bool {
    let is_complete = pass.served.is_none() || pass.entries.size() == goal.size;
    is_complete && pass.entries.root(goal.size) == Some(goal.root)
}

fn of_archive(pass: &Pass, findings: &mut Vec<Finding>) {
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
}

/// The leaves of the tree that was signed, as far as they are known; `None` when the tree is another.
/// Tiles that do not belong to it are told of.
fn tree(
    pass: &Pass,
    goal: Goal,
    findings: &mut Vec<Finding>,
) -> Result<Option<Vec<Option<Hash>>>, Unchecked> {
    let all = |bytes: &[u8]| hashes(bytes).map(Some).collect();
    let Some(served) = &pass.served else {
        let leaves = || pass.entries.leaves(0, goal.size);
        let leaves = is_rooted(pass, goal).then(leaves).transpose()?;
        return Ok(leaves.map(|bytes| all(&bytes)));
    };
    if served.are_of(goal.size, goal.root) {
        return Ok(Some(all(&served.tree.leaves(0, goal.size)?)));
    }
    if served.tree.size() < goal.size {
        let have = served.tree.size();
        let text = format!("the tree has {have} leaves, and {} were signed", goal.size);
        findings.push(Finding::new(Kind::Tree, text));
        return Ok(None);
    }
    let Some(proven) = served.prove(&pass.entries, goal.size, goal.root)? else {
        return Ok(None);
    };
    let tell = |name: &String| {
        let is_absent = served.absent.iter().any(|absent| absent.starts_with(name.as_str()));
        let what = if is_absent { "is not there" } else { "is not the tile that was signed" };
        format!("{name} {what}")
    };
    let text = "the tree was tampered with, apart from the log";
    findings.push(Finding::new(Kind::Tree, text).with(proven.wrong.iter().map(tell)));
    Ok(Some(proven.leaves))
}

/// What the entries are laid beside: the leaves that were seen before, where they are other than those
/// seen before, and after them, or else, those of the tree that was signed.
fn reference(
    check: &Check<'_>,
    pass: &Pass,
    goal: Option<Goal>,
    seen: Option<&Seen>,
    tree: Option<Vec<Option<Hash>>>,
) -> Result<Option<Reference>, Unchecked> {
    let before = seen.map(Seen::leaves).transpose()?;
    let is_dense = check.is_dense;
    let is_archive = pass.served.is_none();
    let Some(before) = before else {
        return Ok(tree.map(|hashes| Reference { hashes, is_beginning: is_archive, is_dense }));
    };
    let mut hashes: Vec<Option<Hash>> = before.into_iter().map(Some).collect();
    let size = goal.map_or(hashes.len() as u64, |goal| goal.size);
    if let Some(after) = tree.as_deref().and_then(|tree| tree.get(hashes.len()..)) {
        hashes.extend(after);
    }
    let is_beginning = is_archive || size > hashes.len() as u64;
    Ok(Some(Reference { hashes, is_beginning, is_dense }))
}

fn root_of(leaves: &[Option<Hash>], size: u64) -> Result<Option<Hash>, Unchecked> {
    let mut tree = Tree::new()?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let Some(leaves) = leaves.get(..size) else { return Ok(None) };
    for leaf in leaves {
        tree.push(leaf.unwrap_or_default())?;
    }
    tree.flush()?;
    Ok(tree.root(tree.size()))
}

/// Tells of events that are not what was signed, where neither they nor the tree tell which.
fn unproven(pass: &Pass, leaves: &[Option<Hash>]) -> Result<Option<Finding>, Unchecked> {
    let unknown: Vec<u64> =
        (0_u64..).zip(leaves).filter(|(_, leaf)| leaf.is_none()).map(|(index, _)| index).collect();
    let (Some(first), Some(last), Some(served)) = (unknown.first(), unknown.last(), &pass.served)
    else {
        return Ok(None);
    };
    let (mut suspects, leaf) = (vec![], |tree: &Tree, index| tree.leaves(index, 1));
    for index in &unknown {
        if leaf(&pass.entries, *index)? != leaf(&served.tree, *index)? {
            suspects.push(format!("entry and tile disagree at index {index}"));
        }
    }
    suspects.truncate(TOLD);
    let text = format!(
        "of {} events, index {first} to {last}, at least one is not what was signed; their tiles were \
         changed as well, so that it cannot be told which",
        unknown.len()
    );
    Ok(Some(Finding::new(Kind::Root, text).with(suspects)))
}

fn unknown(pass: &Pass, goal: Goal) -> Finding {
    let size = pass.entries.size();
    let root = pass.entries.root(goal.size.min(size));
    let root = root.map(|root| root.to_string()).unwrap_or_default();
    let text = match &pass.served {
        _ if size < goal.size => {
            format!("{} events were signed, and there are {size}", goal.size)
        }
        None => format!("the entries are not those that were signed: they lead to the root {root}"),
        Some(_) => format!(
            "neither the entries nor the tree are those that were signed: the entries lead to the \
             root {root}"
        ),
    };
    let how = "which of them is another cannot be told without the hashes that were signed: a state \
               folder that has seen this log before has them, and so has its server, unless its tree \
               was rewritten as well";
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
