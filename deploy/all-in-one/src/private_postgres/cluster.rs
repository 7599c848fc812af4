//! The folder that a server serves: data, passwords, log.

use std::fmt;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::binaries::{Binaries, Needed};
use super::owner::Owner;
use super::{DATABASE, PostgresError, SERVICE_ROLE, Urls, io_error};

/// The superuser's name.
const SUPERUSER: &str = "postgres";

/// An initialised folder.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) folder: PathBuf,
    pub(super) owner: Owner,
    credentials: Credentials,
}

/// The passwords, made once.
#[derive(Serialize, Deserialize)]
struct Credentials {
    superuser: String,
    service: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

impl Cluster {
    /// Opens what is in `folder`, or initialises it.
    pub(super) async fn open(
        folder: PathBuf,
        owner: Owner,
        binaries: &Binaries,
    ) -> Result<Self, PostgresError> {
        if !data(&folder).exists() {
            initialise(&folder, owner, binaries).await?;
        }
        Self::at(folder, owner)
    }

    /// What an earlier start has initialised in `folder`.
    pub(super) fn at(folder: PathBuf, owner: Owner) -> Result<Self, PostgresError> {
        let path = credentials(&folder);
        let credentials = fs::read(&path)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok())
            .ok_or(PostgresError::NoCredentials { path })?;
        Ok(Self { folder, owner, credentials })
    }

    pub(super) fn data(&self) -> PathBuf {
        data(&self.folder)
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// How the superuser signs in.
    pub(super) fn superuser(&self, port: u16) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port)
            .ssl_mode(PgSslMode::Disable)
            .username(SUPERUSER)
            .password(&self.credentials.superuser)
    }

    pub(super) fn service_password(&self) -> &str {
        &self.credentials.service
    }

    pub(super) fn urls(&self, port: u16) -> Urls {
        let url = |role: &str, password: &str| {
            format!("postgres://{role}:{password}@127.0.0.1:{port}/{DATABASE}?sslmode=disable")
        };
        Urls {
            owner: url(SUPERUSER, &self.credentials.superuser),
            service: url(SERVICE_ROLE, &self.credentials.service),
        }
    }
}

/// Where the data are in `folder`.
pub(super) fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// The major version that the data in `folder` need; `None` when there are none.
pub(super) fn version_of(folder: &Path) -> Result<Option<Needed>, PostgresError> {
    let path = data(folder).join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(version) => Ok(version
            .trim()
            .parse()
            .ok()
            .map(|major| Needed { major, folder: folder.to_path_buf() })),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(PostgresError::Io { path, source }),
    }
}

fn credentials(folder: &Path) -> PathBuf {
    folder.join("credentials.json")
}

/// Makes the data beside their final place, so that an interrupted start leaves nothing half-done.
async fn initialise(folder: &Path, owner: Owner, binaries: &Binaries) -> Result<(), PostgresError> {
    let unfinished = folder.join("data.unfinished");
    let password_file = folder.join("password");
    for leftover in [&unfinished, &password_file] {
        remove(leftover)?;
    }
    let made = Credentials { superuser: password()?, service: password()? };
    write_secret(&credentials(folder), &serde_json::to_vec(&made).unwrap_or_default())?;
    write_secret(&password_file, made.superuser.as_bytes())?;
    owner.give(&password_file)?;
    DirBuilder::new().mode(0o700).create(&unfinished).map_err(io_error(&unfinished))?;
    owner.give(&unfinished)?;

    let mut initdb = owner.command(&binaries.program("initdb"));
    initdb
        .args(["--username", SUPERUSER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"])
        .args(["--data-checksums", "--pgdata"])
        .arg(&unfinished)
        .arg("--pwfile")
        .arg(&password_file);
    let output = tokio::process::Command::from(initdb).output().await;
    remove(&password_file)?;
    let output = output.map_err(|source| PostgresError::CannotRun {
        program: binaries.program("initdb").display().to_string(),
        source,
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(PostgresError::Initdb { said: said.trim().replace('\n', "; ") });
    }
    fs::rename(&unfinished, data(folder)).map_err(io_error(folder))
}

/// 192 random bits in hexadecimal, which needs no quoting anywhere.
fn password() -> Result<String, PostgresError> {
    let mut bytes = [0_u8; 24];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|error| PostgresError::Io {
        path: "/dev/urandom".into(),
        source: std::io::Error::other(error),
    })?;
    Ok(hex::encode(bytes))
}

fn write_secret(path: &Path, content: &[u8]) -> Result<(), PostgresError> {
    remove(path)?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    })
    .map_err(io_error(path))
}

fn remove(path: &Path) -> Result<(), PostgresError> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io_error(path)(error)),
        _ => Ok(()),
    }
}
