//! Master keys: they wrap the keys of persons, and are kept apart from the database.
//!
//! The file has one key per line, `NAME:KEY`, the key 32 bytes in base64. The first wraps new keys; the
//! others open what they wrapped before. To rotate: put a new line first, have everything wrapped again
//! ([`crate::store::rewrap`]), then take the old line out. No event is touched.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use aws_lc_rs::rand;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ulid::Ulid;

use crate::subject::{self, KEY_LEN};
use crate::{SealError, SubjectKey};

/// The longest name of a master key, in characters.
pub const NAME_MAX: usize = 64;

/// Why there are no master keys. Tells nothing of what is in the file.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file cannot be read or written.
    #[error("the master keys in {} cannot be read or written", path.display())]
    File {
        /// Where they were looked for.
        path: PathBuf,
        /// What was in the way.
        source: io::Error,
    },
    /// The file is none of master keys.
    #[error(
        "line {line} of the master keys is not NAME:KEY, a name of 1 to {NAME_MAX} letters, digits, - or _ \
         and a key of 32 bytes in base64"
    )]
    Malformed {
        /// Counted from 1.
        line: usize,
    },
    /// Two keys have one name.
    #[error("two master keys are called {0}")]
    Twice(String),
    /// There is none.
    #[error("the file of master keys holds none")]
    None,
    /// No random bytes were to be had.
    #[error("no random bytes are to be had")]
    Random,
}

struct MasterKey {
    name: String,
    key: RandomizedNonceKey,
}

/// The master keys. Clones share them. A name that is not among them is looked for in the file again, and a
/// file that has changed is read again before anything is wrapped, so that a rotation needs no restart.
#[derive(Clone)]
pub struct MasterKeys {
    path: Option<Arc<Path>>,
    held: Arc<RwLock<Held>>,
}

/// What was read, and of which state of the file.
struct Held {
    keys: Arc<[MasterKey]>,
    stamp: Option<Stamp>,
    /// Whether the first was found to be the one that the database knows by its name.
    proven: AtomicBool,
}

/// By what another state of a file is known: when it was written, its length, its inode.
type Stamp = (SystemTime, u64, u64);

impl MasterKeys {
    /// Those in the file at `path`.
    pub fn open(path: &Path) -> Result<Self, MasterKeyError> {
        let held = Held::read(path)?;
        Ok(Self { path: Some(path.into()), held: Arc::new(RwLock::new(held)) })
    }

    /// Those in `text`, which has the form of the file.
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        let held = Held { keys: parse(text)?, stamp: None, proven: AtomicBool::new(false) };
        Ok(Self { path: None, held: Arc::new(RwLock::new(held)) })
    }

    /// A line with a fresh key, for the file.
    pub fn generate(name: &str) -> Result<String, MasterKeyError> {
        let mut key = [0; KEY_LEN];
        rand::fill(&mut key).map_err(|_| MasterKeyError::Random)?;
        let line = format!("{name}:{}\n", BASE64_STANDARD.encode(key));
        parse(&line)?;
        Ok(line)
    }

    /// The name of the one that wraps.
    pub fn current(&self) -> String {
        self.keys().first().map(|key| key.name.clone()).unwrap_or_default()
    }

    /// Whether the current one was found to be the one that the database knows by its name.
    pub(crate) fn is_proven(&self) -> bool {
        self.held.read().unwrap_or_else(PoisonError::into_inner).proven.load(Ordering::Relaxed)
    }

    /// Remembers that it was, until the file is read again.
    pub(crate) fn set_proven(&self) {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.proven.store(true, Ordering::Relaxed);
    }

    /// All names, the current one first.
    pub fn names(&self) -> Vec<String> {
        self.keys().iter().map(|key| key.name.clone()).collect()
    }

    /// Reads the file again if it has changed. One that cannot be read now leaves things as they are:
    /// somebody may be writing it.
    pub(crate) fn refresh(&self) {
        let Some(path) = &self.path else { return };
        let known = self.held.read().unwrap_or_else(PoisonError::into_inner).stamp;
        if stamp(path).is_ok_and(|stamp| Some(stamp) != known) {
            // What is wrong with it is told by whoever needs what it does not hold.
            let _ = self.reload();
        }
    }

    /// The subject key `id`, as the table holds it when the master key `name` wraps it.
    pub(crate) fn wrap(
        &self,
        id: Ulid,
        name: &str,
        key: &[u8; KEY_LEN],
    ) -> Result<Vec<u8>, SealError> {
        let keys = self.keys();
        let master = keys.iter().find(|key| key.name == name);
        let master = master.ok_or_else(|| SealError::UnknownMasterKey(name.to_owned()))?;
        let mut wrapped = key.to_vec();
        let nonce = master
            .key
            .seal_in_place_append_tag(Aad::from(place(name, id)), &mut wrapped)
            .map_err(|_| SealError::Broken)?;
        Ok([nonce.as_ref(), wrapped.as_slice()].concat())
    }

    /// The bytes of the subject key `id` that `name` wrapped.
    pub(crate) fn unwrap(
        &self,
        id: Ulid,
        name: &str,
        wrapped: &[u8],
    ) -> Result<[u8; KEY_LEN], SealError> {
        let mut keys = self.keys();
        if !keys.iter().any(|key| key.name == name) {
            self.reload()?;
            keys = self.keys();
        }
        let master = keys.iter().find(|key| key.name == name);
        let master = master.ok_or_else(|| SealError::UnknownMasterKey(name.to_owned()))?;
        let aad = Aad::from(place(name, id));
        let key = subject::open(&master.key, aad, wrapped)?;
        key.try_into().map_err(|_| SealError::Broken)
    }

    /// The subject key `id` that `name` wrapped.
    pub(crate) fn subject_key(
        &self,
        id: Ulid,
        name: &str,
        wrapped: &[u8],
    ) -> Result<SubjectKey, SealError> {
        SubjectKey::new(id, &self.unwrap(id, name, wrapped)?)
    }

    fn keys(&self) -> Arc<[MasterKey]> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner).keys)
    }

    fn reload(&self) -> Result<(), SealError> {
        let Some(path) = &self.path else { return Ok(()) };
        let reread = Held::read(path).map_err(Arc::new)?;
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = reread;
        Ok(())
    }
}

impl Held {
    fn read(path: &Path) -> Result<Self, MasterKeyError> {
        let unreadable = |source| MasterKeyError::File { path: path.into(), source };
        // The stamp first: when the file changes in between, it is read once more than needed.
        let stamp = stamp(path).map_err(unreadable)?;
        let keys = parse(&fs::read_to_string(path).map_err(unreadable)?)?;
        Ok(Self { keys, stamp: Some(stamp), proven: AtomicBool::new(false) })
    }
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKeys").field("names", &self.names()).finish_non_exhaustive()
    }
}

fn stamp(path: &Path) -> io::Result<Stamp> {
    let file = fs::metadata(path)?;
    Ok((file.modified()?, file.len(), file.ino()))
}

/// What a wrapped key is bound to.
fn place(name: &str, id: Ulid) -> Vec<u8> {
    format!("docket subject key v1\n{name}\n{id}").into_bytes()
}

fn parse(text: &str) -> Result<Arc<[MasterKey]>, MasterKeyError> {
    let mut keys: Vec<MasterKey> = vec![];
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    for (number, line) in lines {
        let key = parse_line(line.trim()).ok_or(MasterKeyError::Malformed { line: number })?;
        if keys.iter().any(|known| known.name == key.name) {
            return Err(MasterKeyError::Twice(key.name));
        }
        keys.push(key);
    }
    if keys.is_empty() { Err(MasterKeyError::None) } else { Ok(keys.into()) }
}

fn parse_line(line: &str) -> Option<MasterKey> {
    let (name, key) = line.split_once(':')?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !(1..=NAME_MAX).contains(&name.len()) || !name.bytes().all(plain) {
        return None;
    }
    let bytes: [u8; KEY_LEN] = BASE64_STANDARD.decode(key).ok()?.try_into().ok()?;
    let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).ok()?;
    Some(MasterKey { name: name.to_owned(), key })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> String {
        MasterKeys::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_file_that_is_none_is_refused_without_showing_it() {
        let good = MasterKeys::generate("a").unwrap();
        assert!(reason("").contains("holds none"));
        assert!(reason("\n \n").contains("holds none"));
        assert_eq!(reason(&format!("{good}{good}")), "two master keys are called a");
        let secret = "hunter2";
        for bad in
            [secret.into(), format!(":{secret}"), format!("a:{secret}"), format!("a b:{good}")]
        {
            let said = reason(&format!("{good}{bad}"));
            assert!(said.starts_with("line 2 of") && !said.contains(secret), "{said}");
        }
        let long = "n".repeat(NAME_MAX + 1);
        assert!(MasterKeys::generate(&long).is_err() && MasterKeys::generate("a:b").is_err());
    }

    #[test]
    fn what_one_wrapped_opens_only_with_its_key_and_for_its_id() {
        let (one, two) =
            (MasterKeys::generate("one").unwrap(), MasterKeys::generate("two").unwrap());
        let old = MasterKeys::parse(&one).unwrap();
        let wrapped = old.wrap(Ulid(7), "one", &[9; KEY_LEN]).unwrap();
        let both = MasterKeys::parse(&format!("{two}{one}")).unwrap();
        assert_eq!(both.current(), "two");
        assert_eq!(both.unwrap(Ulid(7), "one", &wrapped).unwrap(), [9; KEY_LEN]);
        assert!(matches!(both.unwrap(Ulid(8), "one", &wrapped), Err(SealError::Broken)));
        assert!(matches!(both.unwrap(Ulid(7), "two", &wrapped), Err(SealError::Broken)));
        let new = MasterKeys::parse(&two).unwrap();
        let unknown = new.unwrap(Ulid(7), "one", &wrapped).unwrap_err();
        assert_eq!(unknown.to_string(), "the master key one is not among the configured ones");
    }

    #[test]
    fn a_key_that_was_added_to_the_file_is_found_without_a_restart() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (one, two) =
            (MasterKeys::generate("one").unwrap(), MasterKeys::generate("two").unwrap());
        std::fs::write(&file, &one).unwrap();
        let reader = MasterKeys::open(file.path()).unwrap();
        let rotated = MasterKeys::parse(&format!("{two}{one}")).unwrap();
        let wrapped = rotated.wrap(Ulid(7), "two", &[9; KEY_LEN]).unwrap();
        assert!(reader.unwrap(Ulid(7), "two", &wrapped).is_err());
        std::fs::write(&file, format!("{two}{one}")).unwrap();
        assert_eq!(reader.unwrap(Ulid(7), "two", &wrapped).unwrap(), [9; KEY_LEN]);
    }

    #[test]
    fn whoever_wraps_looks_whether_the_file_has_changed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (one, two) =
            (MasterKeys::generate("one").unwrap(), MasterKeys::generate("two").unwrap());
        std::fs::write(&file, &one).unwrap();
        let keys = MasterKeys::open(file.path()).unwrap();
        std::fs::write(&file, format!("{two}{one}")).unwrap();
        keys.refresh();
        assert_eq!(keys.names(), ["two", "one"]);
        // Half written, or gone: what is known stays.
        std::fs::write(&file, "two:").unwrap();
        keys.refresh();
        drop(file);
        keys.refresh();
        assert_eq!(keys.names(), ["two", "one"]);
    }

    #[test]
    fn no_key_is_shown() {
        let line = MasterKeys::generate("one").unwrap();
        let keys = MasterKeys::parse(&line).unwrap();
        assert_eq!(format!("{keys:?}"), r#"MasterKeys { names: ["one"], .. }"#);
    }
}
