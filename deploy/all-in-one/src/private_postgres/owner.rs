//! Whose processes and files the server's are.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use aws_lc_rs::digest;
use nix::unistd::{Uid, User};

use super::{PostgresError, cluster, io_error};

/// Users to run PostgreSQL as when we are root, in order of preference.
const UNPRIVILEGED: [&str; 3] = ["postgres", "_postgres", "nobody"];

/// Where data go that would otherwise lie where their owner cannot reach them.
const FALLBACK: &str = "/var/lib/docket";

/// The user that PostgreSQL runs as.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner {
    /// We ourselves, who are not root.
    Ourselves,
    /// Somebody unprivileged, since we are root.
    Other { uid: u32, gid: u32 },
}

impl Owner {
    /// Whoever owns the data that are in `folder`; for a new one, whom this machine offers.
    pub(super) fn of(folder: &Path) -> Result<Self, PostgresError> {
        let data = cluster::data(folder);
        let present = fs::metadata(&data).ok().map(|found| (found.uid(), found.gid()));
        if !Uid::effective().is_root() {
            return match present {
                Some((uid, _)) if uid != Uid::effective().as_raw() => {
                    Err(PostgresError::NotOurs { folder: data, uid })
                }
                _ => Ok(Self::Ourselves),
            };
        }
        if let Some((uid, gid)) = present.filter(|(uid, _)| *uid != 0) {
            return Ok(Self::Other { uid, gid });
        }
        UNPRIVILEGED
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self::Other { uid: user.uid.as_raw(), gid: user.gid.as_raw() })
            .ok_or(PostgresError::NobodyToRunAs)
    }

    /// `folder`, made if need be, or the folder that stands in for it where the owner cannot reach
    /// it, as below `/root`.
    pub(super) fn reachable(self, folder: &Path) -> Result<PathBuf, PostgresError> {
        make(folder)?;
        let folder = folder.canonicalize().map_err(io_error(folder))?;
        if self.reaches(&folder)? {
            return Ok(folder);
        }
        let digest = digest::digest(&digest::SHA256, folder.as_os_str().as_encoded_bytes());
        let stand_in = Path::new(FALLBACK).join(hex::encode(&digest.as_ref()[..8]));
        make(&stand_in)?;
        Ok(stand_in)
    }

    /// A command that runs as this user, in a folder that every user can be in.
    pub(super) fn command(self, program: &Path) -> Command {
        use std::os::unix::process::CommandExt;

        let mut command = Command::new(program);
        command.current_dir("/");
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Hands `path` to this user.
    pub(super) fn give(self, path: &Path) -> Result<(), PostgresError> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Other { uid, gid } => {
                std::os::unix::fs::chown(path, Some(uid), Some(gid)).map_err(io_error(path))
            }
        }
    }

    fn reaches(self, folder: &Path) -> Result<bool, PostgresError> {
        if matches!(self, Self::Ourselves) {
            return Ok(true);
        }
        // Asked of the system itself: mode bits alone do not tell, there are access lists too.
        let status = self.command(Path::new("test")).arg("-x").arg(folder).status();
        Ok(status.map_err(|source| cannot_run("test", source))?.success())
    }
}

/// Makes `folder`: its owner's alone, save that others may pass through to what they own below.
fn make(folder: &Path) -> Result<(), PostgresError> {
    DirBuilder::new().recursive(true).mode(0o711).create(folder).map_err(io_error(folder))
}

fn cannot_run(program: &str, source: io::Error) -> PostgresError {
    PostgresError::CannotRun { program: program.to_owned(), source }
}
