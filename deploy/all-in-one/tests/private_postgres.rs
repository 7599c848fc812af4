//! The private PostgreSQL, through everything that may happen to it.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::fs;
use std::path::Path;

use all_in_one::private_postgres::{PostgresError, PrivatePostgres};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// A folder that PostgreSQL's user can reach, as it could below a shared `/tmp`.
fn folder() -> TempDir {
    tempfile::Builder::new().permissions(mode(0o711)).tempdir().unwrap()
}

fn mode(bits: u32) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(bits)
}

async fn remember(postgres: &PrivatePostgres, word: &str) {
    let mut connection = PgConnection::connect(&postgres.urls().owner).await.unwrap();
    let create = "CREATE TABLE IF NOT EXISTS words (word text)";
    sqlx::query(create).execute(&mut connection).await.unwrap();
    let insert = "INSERT INTO words VALUES ($1)";
    sqlx::query(insert).bind(word).execute(&mut connection).await.unwrap();
}

async fn words(postgres: &PrivatePostgres) -> Vec<String> {
    let mut connection = PgConnection::connect(&postgres.urls().owner).await.unwrap();
    sqlx::query_scalar("SELECT word FROM words").fetch_all(&mut connection).await.unwrap()
}

async fn setting(url: &str, name: &str) -> String {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let select = "SELECT current_setting($1)";
    sqlx::query_scalar(select).bind(name).fetch_one(&mut connection).await.unwrap()
}

fn signal(pid: u32, signal: Signal) {
    kill(Pid::from_raw(pid.try_into().unwrap()), signal).unwrap();
}

#[tokio::test]
async fn it_is_durable_private_and_comes_back_with_its_data() {
    let folder = folder();
    let postgres = PrivatePostgres::start(folder.path()).await.unwrap();
    let urls = postgres.urls();
    assert_eq!(format!("{urls:?}"), "Urls { .. }", "no password in a log");
    assert!(!format!("{postgres:?}").contains("superuser"), "{postgres:?}");
    assert_eq!(setting(&urls.service, "fsync").await, "on");
    assert_eq!(setting(&urls.service, "listen_addresses").await, "127.0.0.1");
    assert_eq!(setting(&urls.service, "is_superuser").await, "off");
    assert_eq!(setting(&urls.owner, "unix_socket_directories").await, "");
    let wrong = urls.service.replacen("docket:", "docket:not", 1);
    let refused = PgConnection::connect(&wrong).await.unwrap_err();
    let code = refused.as_database_error().and_then(|error| error.code().map(Into::into));
    assert_eq!(code, Some("28P01".to_owned()), "a wrong password is refused");

    remember(&postgres, "kept").await;
    postgres.stop().await.unwrap();
    let postgres = PrivatePostgres::start(folder.path()).await.unwrap();
    assert_eq!(words(&postgres).await, ["kept"]);
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_was_killed_is_noticed_and_recovers() {
    let folder = folder();
    let mut postgres = PrivatePostgres::start(folder.path()).await.unwrap();
    remember(&postgres, "committed").await;
    signal(postgres.pid(), Signal::SIGKILL);
    let log = postgres.folder().join("log");
    assert!(matches!(postgres.ended().await, PostgresError::Ended { log: told } if told == log));
    drop(postgres);
    let last_words = fs::read_to_string(&log).unwrap();

    let postgres = PrivatePostgres::start(folder.path()).await.unwrap();
    assert_eq!(words(&postgres).await, ["committed"]);
    assert!(!last_words.is_empty());
    let kept = fs::read_to_string(log.with_extension("old")).unwrap();
    assert!(kept.starts_with(&last_words), "{kept}");
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_was_left_behind_makes_way() {
    let folder = folder();
    let left_behind = PrivatePostgres::start(folder.path()).await.unwrap();
    remember(&left_behind, "committed").await;

    let postgres = PrivatePostgres::start(folder.path()).await.unwrap();
    assert_ne!(postgres.pid(), left_behind.pid());
    assert_eq!(words(&postgres).await, ["committed"]);
    assert!(PgConnection::connect(&left_behind.urls().owner).await.is_err());
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_stale_file_with_somebody_else_s_number_is_no_obstacle() {
    let folder = folder();
    let postgres = PrivatePostgres::start(folder.path()).await.unwrap();
    let lockfile = postgres.folder().join("data/postmaster.pid");
    let text = fs::read_to_string(&lockfile).unwrap();
    let stale = text.replacen(&postgres.pid().to_string(), "1", 1);
    postgres.stop().await.unwrap();
    fs::write(&lockfile, stale).unwrap();

    let postgres = PrivatePostgres::start(folder.path()).await.unwrap();
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_running_server_is_found_by_others() {
    let folder = folder();
    let postgres = PrivatePostgres::start(folder.path()).await.unwrap();
    let found = PrivatePostgres::running(folder.path()).unwrap().unwrap();
    assert_eq!(found.owner, postgres.urls().owner);
    assert_eq!(setting(&found.service, "fsync").await, "on");
    postgres.stop().await.unwrap();
    assert!(PrivatePostgres::running(folder.path()).unwrap().is_none());
}

#[tokio::test]
async fn data_go_where_their_owner_can_reach_them() {
    let home = tempfile::Builder::new().permissions(mode(0o700)).tempdir().unwrap();
    let folder = home.path().join("postgres");
    let postgres = PrivatePostgres::start(&folder).await.unwrap();
    let place = postgres.folder().to_path_buf();
    remember(&postgres, "kept").await;
    postgres.stop().await.unwrap();
    if Uid::effective().is_root() {
        assert!(place.starts_with("/var/lib/docket"), "{}", place.display());
    } else {
        assert_eq!(place, folder.canonicalize().unwrap());
    }

    let postgres = PrivatePostgres::start(&folder).await.unwrap();
    assert_eq!(words(&postgres).await, ["kept"]);
    postgres.stop().await.unwrap();
    fs::remove_dir_all(place).unwrap();
}

#[tokio::test]
async fn an_interrupted_first_start_is_begun_anew() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("data.unfinished/base")).unwrap();
    fs::write(folder.path().join("credentials.json"), "{").unwrap();
    let postgres = PrivatePostgres::start(folder.path()).await.unwrap();
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn data_of_a_version_that_is_not_installed_are_named() {
    let folder = folder();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/PG_VERSION"), "9\n").unwrap();
    let line = start_error(folder.path()).await;
    let place = folder.path().canonicalize().unwrap();
    let begin = format!("{} was made by PostgreSQL 9, but installed is ", place.display());
    let end = ": install PostgreSQL 9, or choose another folder with --data-dir";
    assert!(line.starts_with(&begin) && line.ends_with(end), "{line}");
}

#[tokio::test]
async fn data_without_their_passwords_are_named() {
    let folder = folder();
    let postgres = PrivatePostgres::start(folder.path()).await.unwrap();
    postgres.stop().await.unwrap();
    let path = folder.path().canonicalize().unwrap().join("credentials.json");
    fs::remove_file(&path).unwrap();
    assert_eq!(
        start_error(folder.path()).await,
        format!(
            "{} is missing or damaged: restore it, or remove its folder with all data in it",
            path.display()
        )
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_is_named() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let path = file.join("below");
    assert_eq!(
        start_error(&path).await,
        format!("cannot use {}: choose another folder with --data-dir", path.display())
    );
}

async fn start_error(folder: &Path) -> String {
    PrivatePostgres::start(folder).await.unwrap_err().to_string()
}
