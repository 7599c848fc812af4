//! A PostgreSQL of our own, over the binaries that the machine has.
//!
//! It listens on 127.0.0.1 on a free port chosen anew at each start, opens no unix socket, asks for a
//! password (scram-sha-256) and keeps `fsync` on. It leads a process group of its own, so that a
//! Ctrl-C in the terminal reaches us alone and we stop it when everything else has drained.
//!
//! **Architecture Invariant:** never two servers over one folder, and never a signal to a process that
//! is not the server of this very folder.

mod binaries;
mod cluster;
mod database;
mod error;
mod owner;
mod server;

use std::fmt;
use std::path::{Path, PathBuf};

pub use error::PostgresError;

use binaries::Binaries;
use cluster::Cluster;
use owner::Owner;
use server::Server;

/// A private server and the folder it serves. Dropped without [`stop`](Self::stop), it is told to end
/// but not waited for.
#[derive(Debug)]
pub struct PrivatePostgres {
    cluster: Cluster,
    server: Server,
}

/// How to reach a private server.
#[derive(Clone)]
pub struct Urls {
    /// As its superuser, who owns everything in it.
    pub owner: String,
    /// As the role of the services, who may do what the migrations granted.
    pub service: String,
}

impl fmt::Debug for Urls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // They hold passwords.
        f.debug_struct("Urls").finish_non_exhaustive()
    }
}

/// The role that the services sign in with.
pub const SERVICE_ROLE: &str = "docket";

/// The name of the database.
pub const DATABASE: &str = "docket";

impl PrivatePostgres {
    /// Starts the server over `folder`, which is made on the first start. A server that an earlier,
    /// killed process left behind is stopped first.
    pub async fn start(folder: &Path) -> Result<Self, PostgresError> {
        let owner = Owner::of(folder)?;
        let folder = owner.reachable(folder)?;
        let binaries = Binaries::find(cluster::version_of(&folder)?)?;
        let cluster = Cluster::open(folder, owner, &binaries).await?;
        let server = Server::start(&cluster, &binaries).await?;
        database::ensure(cluster.superuser(server.port), cluster.service_password()).await?;
        Ok(Self { cluster, server })
    }

    /// The server that another process of ours runs over `folder`, if any.
    pub fn running(folder: &Path) -> Result<Option<Urls>, PostgresError> {
        let owner = Owner::of(folder)?;
        let cluster = Cluster::at(owner.reachable(folder)?, owner)?;
        Ok(server::Lockfile::read(&cluster.data())
            .filter(|lockfile| lockfile.serves(&cluster.data()))
            .map(|lockfile| cluster.urls(lockfile.port)))
    }

    /// How to reach it.
    pub fn urls(&self) -> Urls {
        self.cluster.urls(self.server.port)
    }

    /// Where its data are, which is not always below the folder asked for.
    pub fn folder(&self) -> &Path {
        &self.cluster.folder
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.server.pid
    }

    /// Ends when the server does, which it should not before [`stop`](Self::stop).
    pub async fn ended(&mut self) -> PostgresError {
        self.server.ended().await;
        PostgresError::Ended { log: self.cluster.log() }
    }

    /// Stops it in good order: what is committed is on disk, connections are cut.
    pub async fn stop(mut self) -> Result<(), PostgresError> {
        self.server.stop().await
    }
}

/// The last lines of a server's log that say why it could not go on.
fn last_words(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let fatal = text.lines().rev().find(|line| line.contains("FATAL") || line.contains("PANIC"));
    fatal.or(text.lines().last()).unwrap_or("it said nothing").trim().to_owned()
}

fn io_error(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> PostgresError {
    let path = path.into();
    move |source| PostgresError::Io { path, source }
}
