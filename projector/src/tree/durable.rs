//! Files that are on the disk when they are written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Writes a file in the place of the one that is there, whole or not at all, with these rights. It is on the
/// disk, and so is its name.
pub(super) fn replace(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let unfinished = unfinished(path);
    // Left behind by somebody who was killed; its rights may be others.
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    write_new(&unfinished, content, mode)?;
    fs::rename(&unfinished, path)?;
    sync_folder(path)
}

/// Writes a file where there is none.
pub(super) fn create(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    write_new(path, content, mode)?;
    sync_folder(path)
}

fn write_new(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Beside it: only within one file system can a file take another's place at once.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".unfinished");
    name.into()
}
