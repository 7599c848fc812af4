//! The folder that everything of one docket lies in: `./.data` unless told otherwise.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::Uid;

/// The folder, made if need be.
#[derive(Debug, Clone)]
pub struct DataDir(PathBuf);

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made or written to.
    #[error("cannot write to {path}: choose another folder with --data-dir", path = path.display())]
    Unwritable {
        /// What cannot be written.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another docket has it.
    #[error(
        "another docket is running on {path} (process {pid}): stop it, or choose another folder with \
         --data-dir",
        path = path.display()
    )]
    Locked {
        /// The folder.
        path: PathBuf,
        /// The process that has it.
        pid: String,
    },
}

/// Held as long as this process uses the folder; the system lets go of it however the process ends.
#[derive(Debug)]
pub struct DataDirLock(#[expect(dead_code, reason = "held, never read")] File);

impl DataDir {
    /// Opens the folder at `path`.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        // Root's server runs as somebody else, who must be able to pass through.
        let mode = if Uid::effective().is_root() { 0o711 } else { 0o700 };
        let folder = DirBuilder::new().recursive(true).mode(mode).create(path);
        folder.and_then(|()| path.canonicalize()).map(Self).map_err(unwritable(path))
    }

    /// Makes sure that no other docket uses the folder.
    pub fn lock(&self) -> Result<DataDirLock, DataDirError> {
        let path = self.file("docket.lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(unwritable(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = fs::read_to_string(&path).unwrap_or_default();
                let pid = if pid.is_empty() { "unknown".to_owned() } else { pid };
                return Err(DataDirError::Locked { path: self.0.clone(), pid });
            }
            Err(TryLockError::Error(source)) => return Err(unwritable(&path)(source)),
        }
        let written = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        written.map_err(unwritable(&path))?;
        Ok(DataDirLock(file))
    }

    /// Whether some docket uses the folder now.
    pub fn is_locked(&self) -> Result<bool, DataDirError> {
        match self.lock() {
            Ok(_) => Ok(false),
            Err(DataDirError::Locked { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file or folder in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) -> Result<(), DataDirError> {
        let path = self.file(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(&path)(error)),
            _ => Ok(()),
        }
    }

    /// Writes a file that only its owner may read, whole or not at all.
    pub fn write_secret(&self, name: &str, content: &[u8]) -> Result<PathBuf, DataDirError> {
        let (path, unfinished) = (self.file(name), self.file(&format!("{name}.unfinished")));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options.open(&unfinished).and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&unfinished, &path)).map_err(unwritable(&path))?;
        Ok(path)
    }
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> DataDirError {
    let path = path.to_path_buf();
    move |source| DataDirError::Unwritable { path, source }
}

#[cfg(test)]
mod tests {
    use super::DataDir;

    #[test]
    fn a_second_instance_is_told_which_process_is_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = DataDir::open(folder.path()).unwrap();
        let first = data_dir.lock().unwrap();
        let second = data_dir.lock().unwrap_err();
        assert_eq!(
            second.to_string(),
            format!(
                "another docket is running on {} (process {}): stop it, or choose another folder \
                 with --data-dir",
                data_dir.path().display(),
                std::process::id()
            )
        );
        drop(first);
        data_dir.lock().unwrap();
    }
}
