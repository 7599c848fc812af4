//! What can be wrong, each with what to do about it.

use std::io;
use std::path::PathBuf;

/// Why there is no private PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// The machine has no server binaries.
    #[error(
        "PostgreSQL is not installed: run deploy/run, which installs it, or set DATABASE_URL to use \
         a server elsewhere"
    )]
    NotInstalled,
    /// The machine has none that is new enough.
    #[error(
        "PostgreSQL {installed} is too old: install PostgreSQL {oldest} or newer, or set \
         DATABASE_URL to use a server elsewhere"
    )]
    TooOld {
        /// The highest major version at hand.
        installed: u32,
        /// The lowest that will do.
        oldest: u32,
    },
    /// The data folder needs another major version.
    #[error(
        "{folder} was made by PostgreSQL {needed}, but installed is {installed}: install \
         PostgreSQL {needed}, or choose another folder with --data-dir",
        folder = folder.display()
    )]
    WrongVersion {
        /// Of the data.
        folder: PathBuf,
        /// The major version in that folder.
        needed: u32,
        /// The major versions at hand.
        installed: String,
    },
    /// We are root, PostgreSQL refuses to be, and there is nobody else.
    #[error(
        "PostgreSQL does not run as root and this machine has no user postgres or nobody: create one"
    )]
    NobodyToRunAs,
    /// The data belong to somebody else.
    #[error(
        "{folder} belongs to another user (uid {uid}): start as that user or as root, or choose \
         another folder with --data-dir",
        folder = folder.display()
    )]
    NotOurs {
        /// Of the data.
        folder: PathBuf,
        /// Its owner.
        uid: u32,
    },
    /// The passwords are gone, though the data are there.
    #[error(
        "{path} is missing or damaged: restore it, or remove its folder with all data in it",
        path = path.display()
    )]
    NoCredentials {
        /// Where they should be.
        path: PathBuf,
    },
    /// A folder or file cannot be used.
    #[error("cannot use {path}: choose another folder with --data-dir", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A program of PostgreSQL cannot be run.
    #[error("cannot run {program}")]
    CannotRun {
        /// Which.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// `initdb` failed.
    #[error("initdb failed: {said}")]
    Initdb {
        /// The end of its output.
        said: String,
    },
    /// The server does not come up.
    #[error("PostgreSQL does not start: {said} (more in {log})", log = log.display())]
    NotStarted {
        /// What it wrote last.
        said: String,
        /// Where it writes.
        log: PathBuf,
    },
    /// The server is up but does not let us in, or not do what a fresh one should.
    #[error("the private PostgreSQL cannot be prepared")]
    Database(#[from] sqlx::Error),
    /// A server does not go away.
    #[error("PostgreSQL (process {pid}) does not stop: stop it by hand")]
    NotStopped {
        /// Its process id.
        pid: u32,
    },
    /// The server ended though nobody asked it to.
    #[error("PostgreSQL ended by itself; its log is {log}", log = log.display())]
    Ended {
        /// Where it writes.
        log: PathBuf,
    },
}
