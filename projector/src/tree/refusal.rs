//! Why no checkpoint is signed.

use std::io;
use std::path::PathBuf;

use event_log::tree::Hash;

/// What is to be done about a log that does not hold what was signed.
pub(crate) const ANOTHER_LOG: &str = "a log that was restored or changed is another log: keep the old key and witness, and \
    start with a new origin (docket log-key generate) and a new CHECKPOINT_WITNESS";

/// Why no checkpoint is signed. What was signed last stays where it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The log ends before the tree of an earlier checkpoint does.
    #[error(
        "the log has {size} events, and a checkpoint of {signed} was signed (root {signed_root}): {ANOTHER_LOG}"
    )]
    Shorter { size: u64, signed: u64, signed_root: Hash },
    /// The log has other events than an earlier checkpoint covers.
    #[error(
        "the first {signed} events have root {root}, and a checkpoint was signed whose root is {signed_root}: \
         {ANOTHER_LOG}"
    )]
    Differs { signed: u64, root: Hash, signed_root: Hash },
    /// The witness is one of another log.
    #[error(
        "the witness {path} is of the log {theirs}, and the keys are of {ours}: give each log a \
         CHECKPOINT_WITNESS of its own",
        path = path.display()
    )]
    OtherOrigin { path: PathBuf, ours: String, theirs: String },
    /// Checkpoints were signed, and there is no witness.
    #[error(
        "a checkpoint of {signed} events was signed, and there is no witness {path}: put it back, or, where it is \
         lost, copy the last checkpoint there that anybody was given",
        path = path.display()
    )]
    Lost { path: PathBuf, signed: u64 },
    /// The witness cannot be read or written.
    #[error("the witness {path} cannot be used", path = path.display())]
    Unusable { path: PathBuf, source: io::Error },
    /// What is in its place is no checkpoint.
    #[error("the witness {path} holds no checkpoint", path = path.display())]
    NotACheckpoint { path: PathBuf },
}
