//! The log's keys: Ed25519, in the text form of C2SP signed notes.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use event_log::tree::Hash;
use signed_note::{Note, NoteError, Signer, StandardSigner, StandardVerifier, key_id};
use tlog_tiles::Checkpoint;

/// What a key of Ed25519 begins with (C2SP signed-note).
const ED25519: u8 = 1;

/// Why the log's keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("cannot read the log's keys in {path}", path = path.display())]
    Unreadable {
        /// Where it is.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {path}", path = path.display())]
    Unwritable {
        /// Where it is to be.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is a file already, whose keys may have signed something.
    #[error("{path} is there already: docket log-key rotate adds a key to it", path = path.display())]
    Exists {
        /// Where it is.
        path: PathBuf,
    },
    /// A line is no key.
    #[error("line {line} of {path} is no key of the form PRIVATE+KEY+name+id+key", path = path.display())]
    Malformed {
        /// Where the file is.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// There is no key in it.
    #[error("{path} holds no key", path = path.display())]
    Empty {
        /// Where it is.
        path: PathBuf,
    },
    /// Its keys are of different logs.
    #[error("the keys in {path} have different names, and one log has one", path = path.display())]
    DifferentNames {
        /// Where it is.
        path: PathBuf,
    },
    /// The name cannot be one.
    #[error("{0:?} cannot be a log's origin: it has neither white space nor a plus")]
    Name(String),
    /// The system gives no random bytes.
    #[error("there are no random bytes")]
    Random,
}

/// The keys that sign a log's checkpoints, the current one first.
pub(super) struct Keys {
    origin: String,
    keys: Vec<Key>,
}

struct Key {
    signer: StandardSigner,
    /// As it stands in the file.
    line: String,
    /// What others verify with.
    public: String,
}

impl Keys {
    /// Those in the file at `path`, one a line.
    pub(super) fn read(path: &Path) -> Result<Self, KeyError> {
        let path = path.to_path_buf();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => return Err(KeyError::Unreadable { path, source }),
        };
        let mut keys = Vec::new();
        for (n, line) in text.lines().map(str::trim).enumerate().filter(|(_, l)| !l.is_empty()) {
            let Some(key) = Key::parse(line) else {
                return Err(KeyError::Malformed { path, line: n + 1 });
            };
            keys.push(key);
        }
        let Some(first) = keys.first() else { return Err(KeyError::Empty { path }) };
        let origin = first.signer.name().to_owned();
        if keys.iter().any(|key| key.signer.name() != origin) {
            return Err(KeyError::DifferentNames { path });
        }
        Ok(Self { origin, keys })
    }

    /// The name of the log.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// As they stand in the file.
    pub(super) fn lines(&self) -> Vec<String> {
        self.keys.iter().map(|key| key.line.clone()).collect()
    }

    /// What others verify with, in the same order.
    pub(super) fn public(&self) -> Vec<String> {
        self.keys.iter().map(|key| key.public.clone()).collect()
    }

    /// The checkpoint of the tree of this size, signed with every key.
    pub(super) fn sign(&self, size: u64, root: Hash) -> Result<String, NoteError> {
        let checkpoint = Checkpoint::new(&self.origin, size, root, "");
        let checkpoint = checkpoint.map_err(|_| NoteError::MalformedNote)?;
        let mut note = Note::new(&checkpoint.to_bytes(), &[])?;
        let signers: Vec<&dyn Signer> = self.keys.iter().map(|key| &key.signer as _).collect();
        note.add_sigs(&signers)?;
        String::from_utf8(note.to_bytes()).map_err(|_| NoteError::MalformedNote)
    }
}

impl Key {
    fn parse(line: &str) -> Option<Self> {
        let signer = StandardSigner::new(line).ok()?;
        // Base64 may hold a plus itself.
        let secret = STANDARD.decode(line.splitn(5, '+').last()?).ok()?;
        let pair = Ed25519KeyPair::from_seed_unchecked(secret.get(1..)?).ok()?;
        let public = tagged(pair.public_key().as_ref());
        let (name, id) = (signer.name(), signer.key_id());
        let public = format!("{name}+{id:08x}+{}", STANDARD.encode(public));
        // Two libraries agree on what the public key is.
        StandardVerifier::new(&public).ok()?;
        Some(Self { signer, line: line.to_owned(), public })
    }
}

/// A new private key for the log of this name.
pub(super) fn generate(origin: &str) -> Result<String, KeyError> {
    if !signed_note::is_key_name_valid(origin) {
        return Err(KeyError::Name(origin.to_owned()));
    }
    let mut seed = [0; 32];
    aws_lc_rs::rand::fill(&mut seed).map_err(|_| KeyError::Random)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyError::Random)?;
    let id = key_id(origin, &tagged(pair.public_key().as_ref()));
    Ok(format!("PRIVATE+KEY+{origin}+{id:08x}+{}", STANDARD.encode(tagged(&seed))))
}

fn tagged(key: &[u8]) -> Vec<u8> {
    [&[ED25519], key].concat()
}

/// Shows no key.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("origin", &self.origin).finish_non_exhaustive()
    }
}
