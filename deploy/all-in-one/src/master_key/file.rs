//! The file of master keys, changed whole or not at all.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use sealing::MasterKeyError;

/// Writes a file that is not there yet, for its owner's eyes only.
pub(super) fn create(path: &Path, text: &str) -> Result<(), MasterKeyError> {
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = written.and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|source| MasterKeyError::File { path: path.into(), source })
}

/// Puts `line` before the others.
pub(super) fn put_first(path: &Path, line: &str) -> Result<(), MasterKeyError> {
    replace(path, |text| format!("{line}{text}"))
}

/// Puts `line` behind the others.
pub(super) fn put_last(path: &Path, line: &str) -> Result<(), MasterKeyError> {
    replace(path, |text| format!("{}\n{line}", text.trim_end()))
}

/// Puts the line of the key `name` before the others.
pub(super) fn move_first(path: &Path, name: &str) -> Result<(), MasterKeyError> {
    replace(path, |text| {
        let is_meant = |line: &&str| line.trim().split_once(':').is_some_and(|(of, _)| of == name);
        let (first, others): (Vec<_>, Vec<_>) = text.lines().partition(is_meant);
        first.into_iter().chain(others).flat_map(|line| [line, "\n"]).collect()
    })
}

/// Drops every line but the first.
pub(super) fn keep_first(path: &Path) -> Result<(), MasterKeyError> {
    let first = |text: &str| text.lines().find(|line| !line.trim().is_empty()).map(str::to_owned);
    replace(path, |text| first(text).unwrap_or_default() + "\n")
}

/// Readers see the old file or the new one, which has the same owner and the same rights.
fn replace(path: &Path, change: impl Fn(&str) -> String) -> Result<(), MasterKeyError> {
    let replaced = || -> io::Result<()> {
        // Where it is a link, what it points to is replaced.
        let path = path.canonicalize()?;
        let (text, old) = (fs::read_to_string(&path)?, fs::metadata(&path)?);
        let mut unfinished = path.clone().into_os_string();
        unfinished.push(".unfinished");
        let unfinished = PathBuf::from(unfinished);
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(change(&text).as_bytes())?;
        chown(&unfinished, Some(old.uid()), Some(old.gid()))?;
        file.set_permissions(Permissions::from_mode(old.mode()))?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        // The rename, too, must outlive a crash: keys are about to be wrapped with what it brought.
        fs::File::open(path.parent().unwrap_or(&path))?.sync_all()
    };
    replaced().map_err(|source| MasterKeyError::File { path: path.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_changed_in_place_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        create(&path, "a\n").unwrap();
        assert!(create(&path, "b\n").is_err());
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        put_first(&link, "b\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "b\na\n");
        assert!(link.is_symlink());
        put_last(&path, "c:1\n").unwrap();
        move_first(&path, "c").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "c:1\nb\na\n");
        keep_first(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "c:1\n");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    }
}
