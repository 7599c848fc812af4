//! Files of the log's keys: made, shown, rotated.

use std::io;
use std::path::Path;

use super::durable;
use super::keys::{KeyError, Keys, generate as new_key};

/// Only its owner may read it.
const MODE: u32 = 0o600;

/// Makes the file at `path` with a first key of the log named `origin`. Answers its public key.
pub fn generate(origin: &str, path: &Path) -> Result<Vec<String>, KeyError> {
    let key = new_key(origin)?;
    durable::create(path, format!("{key}\n").as_bytes(), MODE).map_err(|source| {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::AlreadyExists => KeyError::Exists { path },
            _ => KeyError::Unwritable { path, source },
        }
    })?;
    show(path)
}

/// The public keys of the file at `path`, the current one first.
pub fn show(path: &Path) -> Result<Vec<String>, KeyError> {
    Ok(Keys::read(path)?.public())
}

/// Puts a new key before those that are there, which go on to sign beside it.
pub fn rotate(path: &Path) -> Result<Vec<String>, KeyError> {
    let keys = Keys::read(path)?;
    let mut lines = vec![new_key(keys.origin())?];
    lines.extend(keys.lines());
    write(path, &lines)
}

/// Leaves only the current key.
pub fn retire(path: &Path) -> Result<Vec<String>, KeyError> {
    let keys = Keys::read(path)?;
    write(path, &keys.lines()[..1])
}

fn write(path: &Path, lines: &[String]) -> Result<Vec<String>, KeyError> {
    let text = lines.join("\n") + "\n";
    let unwritable = |source| KeyError::Unwritable { path: path.to_path_buf(), source };
    durable::replace(path, text.as_bytes(), MODE).map_err(unwritable)?;
    show(path)
}
