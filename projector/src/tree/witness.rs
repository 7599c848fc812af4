//! The last checkpoint, kept where no restored database takes it back.

use std::io;
use std::path::Path;

use signed_note::Note;
use tlog_tiles::Checkpoint;

use super::durable;

/// Everybody may read it: it is made to be given out.
const MODE: u32 = 0o644;

/// What is kept is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint")]
pub(super) struct NotACheckpoint;

/// The checkpoint in a signed note. Whoever wrote it had the keys, or the right to write our files: its
/// signatures are for others to verify.
pub(super) fn parse(note: &[u8]) -> Result<Checkpoint, NotACheckpoint> {
    let note = Note::from_bytes(note).map_err(|_| NotACheckpoint)?;
    Checkpoint::from_bytes(note.text()).map_err(|_| NotACheckpoint)
}

/// The note in the file; `None` where there is none.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(note) => Ok(Some(note)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts the note into the file. It is on the disk when this is done.
pub(super) fn write(path: &Path, note: &str) -> io::Result<()> {
    durable::replace(path, note.as_bytes(), MODE)
}
