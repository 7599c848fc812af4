//! What the log's owner signed: so many leaves, and this root.

use serde::Serialize;
use signed_note::{
    Note, NoteError, Signature, StandardVerifier, VerificationError, Verifier, VerifierList,
};
use tlog_tiles::{Checkpoint, Hash};

/// The public keys that are trusted.
pub struct Keys(Vec<StandardVerifier>);

/// A checkpoint as it was found.
#[derive(Debug)]
pub struct Found {
    /// The signed note.
    pub note: Vec<u8>,
    /// Names the log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// The keys that it is said to be signed with.
    pub signers: Vec<String>,
    /// Which of the trusted keys has signed it; or why none has.
    pub trust: Result<String, Distrust>,
}

/// Why a checkpoint is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
pub enum Distrust {
    /// Somebody else signed it.
    #[error("it is signed by {found}, and not by {expected}")]
    OtherKey {
        /// Who.
        found: String,
        /// Who should have.
        expected: String,
    },
    /// A trusted key signed something else.
    #[error("the signature of {0} is not one of this text: the checkpoint was altered, or forged")]
    Altered(String),
    /// The key is that of another log.
    #[error("it names the log {origin:?}, and {signer} signs for another")]
    OtherLog {
        /// What it names.
        origin: String,
        /// The trusted key.
        signer: String,
    },
}

/// The bytes are no checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what should be a checkpoint has not the form of one")]
pub struct NoCheckpoint;

impl Keys {
    /// The keys in the form `name+id+base64`; answers the first that is none.
    pub fn parse(keys: &[String]) -> Result<Self, String> {
        let parse = |key: &String| {
            StandardVerifier::new(key.trim()).map_err(|error| format!("{key}: {error}"))
        };
        let mut keys = keys.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        // Said twice, a key would be ambiguous.
        keys.sort_by_key(|key| (key.name().to_owned(), key.key_id()));
        keys.dedup_by_key(|key| (key.name().to_owned(), key.key_id()));
        Ok(Self(keys))
    }

    /// The logs that the keys sign for.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Verifier::name)
    }

    /// Reads a checkpoint, and sees whether one of the keys has signed it.
    pub fn read(&self, note: Vec<u8>) -> Result<Found, NoCheckpoint> {
        let parsed = Note::from_bytes(&note).map_err(|_| NoCheckpoint)?;
        let checkpoint = Checkpoint::from_bytes(parsed.text()).map_err(|_| NoCheckpoint)?;
        Ok(Found {
            origin: checkpoint.origin().to_owned(),
            size: checkpoint.size(),
            root: *checkpoint.hash(),
            signers: signers(&note),
            trust: self.trust(&parsed, checkpoint.origin(), &note),
            note,
        })
    }

    fn trust(&self, parsed: &Note, origin: &str, note: &[u8]) -> Result<String, Distrust> {
        let boxed = |key: &StandardVerifier| Box::new(key.clone()) as Box<dyn Verifier>;
        let known = VerifierList::new(self.0.iter().map(boxed).collect());
        match parsed.verify(&known) {
            Ok((verified, _)) => {
                let ours = verified.iter().find(|signature| signature.name() == origin);
                let signer = verified.first().map(name).unwrap_or_default();
                let other = || Distrust::OtherLog { origin: origin.to_owned(), signer };
                ours.map(name).ok_or_else(other)
            }
            Err(
                NoteError::InvalidSignature { name, id }
                | NoteError::VerificationError(
                    VerificationError::AmbiguousKey { name, id }
                    | VerificationError::UnknownKey { name, id },
                ),
            ) => Err(Distrust::Altered(format!("{name}+{id:08x}"))),
            Err(_) => Err(Distrust::OtherKey {
                found: signers(note).join(", "),
                expected: self.to_string(),
            }),
        }
    }
}

impl std::fmt::Display for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.0.iter().map(|key| format!("{}+{:08x}", key.name(), key.key_id()));
        f.write_str(&names.collect::<Vec<_>>().join(" or "))
    }
}

fn name(signature: &Signature) -> String {
    format!("{}+{:08x}", signature.name(), signature.id())
}

/// The keys that a note says it is signed with. The library keeps them to itself.
fn signers(note: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(note);
    let lines = text.rsplit_once("\n\n").map_or("", |(_, signatures)| signatures).lines();
    lines.filter_map(|line| Signature::from_bytes(line.as_bytes()).ok()).map(|s| name(&s)).collect()
}
