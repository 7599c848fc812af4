//! What was seen of a log before: per origin the last checkpoint that passed, and the hashes of its leaves.
//!
//! One file per log: a first line that names the form, the moment (milliseconds since 1970) and the length
//! of the note, both in eight bytes with the highest first, the note, and 32 bytes for each leaf.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use events::Timestamp;
use signed_note::Note;
use tlog_tiles::{Checkpoint, Hash};

use crate::tree::{Tree, hashes};

const FORM: &[u8] = b"docket-auditor-state 1\n";
/// Leaves that are written at once.
const CHUNK: u64 = 1 << 16;

/// The folder.
#[derive(Debug)]
pub struct Folder(PathBuf);

/// A log as it was seen before.
#[derive(Debug)]
pub struct Seen {
    /// Names the log.
    pub origin: String,
    /// How many leaves it had.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// When that was checked.
    pub at: Timestamp,
    file: PathBuf,
    /// Where in the file the hashes begin.
    start: usize,
}

/// Why what was seen before is not known.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The folder cannot be used.
    #[error("cannot use {}", .0.display())]
    Unusable(PathBuf, #[source] io::Error),
    /// Somebody has changed the file.
    #[error("{} is damaged: what was seen before is not known any more", .0.display())]
    Damaged(PathBuf),
}

impl Folder {
    /// The folder at this path, made where there is none.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        fs::create_dir_all(path).map_err(|e| StateError::Unusable(path.into(), e))?;
        Ok(Self(path.into()))
    }

    /// What is remembered of a log.
    pub fn seen(&self, origin: &str) -> Result<Option<Seen>, StateError> {
        let file = self.file(origin);
        let damaged = || StateError::Damaged(file.clone());
        let mut open = match File::open(&file) {
            Ok(open) => open,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StateError::Unusable(file, error)),
        };
        let mut head = [0; FORM.len() + 16];
        open.read_exact(&mut head).map_err(|_| damaged())?;
        let numbers = head.strip_prefix(FORM).ok_or_else(damaged)?;
        let (numbers, _) = numbers.as_chunks::<8>();
        let at = DateTime::<Utc>::from_timestamp_millis(i64::from_be_bytes(numbers[0]));
        let length = u64::from_be_bytes(numbers[1]).min(1 << 20);
        let mut note = vec![];
        open.take(length).read_to_end(&mut note).map_err(|_| damaged())?;
        let text = Note::from_bytes(&note).map_err(|_| damaged())?;
        let checkpoint = Checkpoint::from_bytes(text.text()).map_err(|_| damaged())?;
        if checkpoint.origin() != origin {
            return Err(damaged());
        }
        Ok(Some(Seen {
            origin: origin.to_owned(),
            size: checkpoint.size(),
            root: *checkpoint.hash(),
            at: at.ok_or_else(damaged)?.into(),
            start: head.len() + note.len(),
            file,
        }))
    }

    /// Remembers a checkpoint that passed, and the leaves that it is of. What was remembered before is
    /// replaced in one step.
    pub fn remember(
        &self,
        (origin, note, size): (&str, &[u8], u64),
        tree: &Tree,
        now: Timestamp,
    ) -> Result<(), StateError> {
        let file = self.file(origin);
        let write = || {
            let mut draft = tempfile::NamedTempFile::new_in(&self.0)?;
            draft.write_all(FORM)?;
            draft.write_all(&now.to_utc().timestamp_millis().to_be_bytes())?;
            draft.write_all(&(note.len() as u64).to_be_bytes())?;
            draft.write_all(note)?;
            for first in (0..size).step_by(usize::try_from(CHUNK).map_err(io::Error::other)?) {
                draft.write_all(&tree.leaves(first, CHUNK.min(size - first))?)?;
            }
            draft.as_file().sync_all()?;
            draft.persist(&file)?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(|error| StateError::Unusable(file.clone(), error))
    }

    /// Origins look like addresses, so their file is called after them and, for what no file name may hold,
    /// after their hash.
    fn file(&self, origin: &str) -> PathBuf {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
        let readable: String = origin.chars().map(plain).take(80).collect();
        let hash = tlog_tiles::record_hash(origin.as_bytes()).0;
        let [a, b, c, d, ..] = hash;
        self.0.join(format!("{readable}.{a:02x}{b:02x}{c:02x}{d:02x}"))
    }
}

impl Seen {
    /// The hashes of the leaves that were seen, which are those of the tree that was signed.
    pub fn leaves(&self) -> Result<Vec<Hash>, StateError> {
        let unusable = |error| StateError::Unusable(self.file.clone(), error);
        let bytes = fs::read(&self.file).map_err(unusable)?;
        let leaves: Vec<Hash> = hashes(bytes.get(self.start..).unwrap_or_default()).collect();
        let mut tree = Tree::new().map_err(unusable)?;
        for leaf in &leaves {
            tree.push(*leaf).map_err(unusable)?;
        }
        tree.flush().map_err(unusable)?;
        let is_whole = tree.size() == self.size && tree.root(self.size) == Some(self.root);
        if is_whole { Ok(leaves) } else { Err(StateError::Damaged(self.file.clone())) }
    }
}
