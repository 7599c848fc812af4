//! What else the program can do, beside the process that serves and without it.

use std::fs;

use crate::support::{Docket, command, data_dir, run};

#[tokio::test]
async fn beside_a_running_docket() {
    let data_dir = data_dir();
    let folder = data_dir.path().to_str().unwrap();
    let docket = Docket::start(data_dir.path()).await;

    let path = "/api/v1/live-stream-reports";
    let arguments = ["token", "--sub", "somebody", "--roles", "moderator,auditor"];
    let (status, token, _) = run(&[&arguments[..], &["--data-dir", folder]].concat()).await;
    assert!(status.success());
    let request = reqwest::Client::new().get(format!("{}{path}", docket.base_url));
    let answer = request.bearer_auth(token.trim()).send().await.unwrap();
    assert_eq!(answer.status(), 200, "a token just made is good");

    let (status, _, last) = run(&["verify", "--data-dir", folder]).await;
    assert!(status.success(), "{last}");
    let (status, _, last) = run(&["rebuild", "all", "--data-dir", folder]).await;
    assert!(status.success(), "{last}");

    let (status, _, last) = run(&["retry-parked", "--data-dir", folder]).await;
    assert!(status.success(), "{last}");

    let address = docket.base_url.trim_start_matches("http://");
    let place = data_dir.path().canonicalize().unwrap();
    let pid = fs::read_to_string(place.join("docket.lock")).unwrap();
    let (status, _, last) = run(&["--listen", address, "--data-dir", folder]).await;
    assert_eq!(status.code(), Some(1));
    assert_eq!(
        last,
        format!(
            "docket: another docket is running on {} (process {pid}): stop it, or choose another \
             folder with --data-dir",
            place.display()
        )
    );
    let elsewhere = crate::support::data_dir();
    let elsewhere = elsewhere.path().to_str().unwrap();
    let (status, _, last) = run(&["--listen", address, "--data-dir", elsewhere]).await;
    assert_eq!(status.code(), Some(1));
    assert_eq!(
        last,
        format!(
            "docket: --listen cannot be used: {address} is in use by another process: stop that one, \
             or choose another address"
        )
    );
    assert!(docket.stop().await.success());
}

#[tokio::test]
async fn alone() {
    let data_dir = data_dir();
    let folder = data_dir.path().to_str().unwrap();
    for arguments in [&["migrate"][..], &["verify"], &["rebuild", "bans"], &["retry-parked"]] {
        let (status, _, last) = run(&[arguments, &["--data-dir", folder]].concat()).await;
        assert!(status.success(), "{arguments:?}: {last}");
        let lockfile = data_dir.path().join("postgres/data/postmaster.pid");
        assert!(!lockfile.exists(), "{arguments:?} left PostgreSQL running");
    }
    let (status, _, last) = run(&["rebuild", "nonsense", "--data-dir", folder]).await;
    assert_eq!(status.code(), Some(1), "{last}");
}

#[tokio::test]
async fn the_keys_of_the_log_are_made_shown_and_rotated() {
    let folder = data_dir();
    let file = folder.path().join("key");
    let key = |command: &str| {
        let (command, file) = (command.to_owned(), file.to_str().unwrap().to_owned());
        async move {
            let mut arguments = vec!["log-key", &command, &file];
            if command == "generate" {
                arguments.extend(["--origin", "docket.test/log"]);
            }
            let (status, printed, last) = run(&arguments).await;
            let lines: Vec<String> = printed.lines().map(str::to_owned).collect();
            (status.success(), lines, last)
        }
    };
    let (done, first, _) = key("generate").await;
    assert!(done && first.len() == 1 && first[0].starts_with("docket.test/log+"), "{first:?}");
    let (done, _, last) = key("generate").await;
    let there = format!("docket: {} is there already: docket log-key rotate", file.display());
    assert!(!done && last.starts_with(&there), "{last}");
    let (_, both, _) = key("rotate").await;
    assert_eq!((both.len(), &both[1]), (2, &first[0]));
    assert_eq!(key("show").await.1, both);
    assert_eq!(key("retire").await.1, both[..1]);
}

#[tokio::test]
async fn over_a_database_that_is_configured() {
    let data_dir = data_dir();
    let folder = data_dir.path().to_str().unwrap();
    let database = testing::Database::create().await;
    let mut command = command(&["--listen", "127.0.0.1:0", "--data-dir", folder, "--no-demo"]);
    command.env("DATABASE_URL", &database.url).env("MIGRATION_DATABASE_URL", &database.owner_url);
    let docket = Docket::begin(command, data_dir.path()).await;
    let live = reqwest::get(format!("{}/health/ready", docket.base_url)).await.unwrap();
    assert_eq!(live.status(), 200);
    assert!(!data_dir.path().join("postgres").exists());
    assert!(!data_dir.path().join("demo.json").exists());
    assert!(docket.stop().await.success());
}

#[tokio::test]
async fn migrate_as_an_owner_who_is_no_superuser() {
    let data_dir = data_dir();
    let folder = data_dir.path().to_str().unwrap();
    let server = testing::Database::create().await;
    let ask = async |statement: String| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&server.owner).await.unwrap();
    };
    let name = format!("docket_owner_{}", std::process::id());
    ask(format!("CREATE ROLE {name} LOGIN CREATEROLE NOSUPERUSER PASSWORD 'docket'")).await;
    ask(format!("CREATE DATABASE {name} OWNER {name}")).await;
    let mut url = reqwest::Url::parse(&server.owner_url).unwrap();
    url.set_username(&name).unwrap();
    url.set_password(Some("docket")).unwrap();
    url.set_path(&name);
    // Twice: what is there is no obstacle.
    let arguments = ["migrate", "--database-url", url.as_str(), "--data-dir", folder];
    let (first, _, told) = run(&arguments).await;
    let (second, ..) = run(&arguments).await;
    ask(format!("DROP DATABASE {name} WITH (FORCE)")).await;
    ask(format!("DROP ROLE {name}")).await;
    assert!(first.success() && second.success(), "{told}");
}

#[tokio::test]
async fn what_cannot_be_is_told_in_one_line() {
    let data_dir = data_dir();
    let file = data_dir.path().join("file");
    fs::write(&file, "").unwrap();
    let below = file.join("below");
    let (status, _, last) =
        run(&["--listen", "127.0.0.1:0", "--data-dir", below.to_str().unwrap()]).await;
    assert_eq!(status.code(), Some(1));
    assert_eq!(
        last,
        format!(
            "docket: cannot write to {}: choose another folder with --data-dir: Not a directory \
             (os error 20)",
            below.display()
        )
    );

    let mut command = command(&["token", "--sub", "somebody", "--data-dir"]);
    let output = command.arg(data_dir.path()).env("JWT_SECRET", "x").output().await.unwrap();
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "docket: tokens are verified with the key that JWT_* names; only its owner can sign them\n"
    );

    let nowhere = "postgres://nobody@127.0.0.1:1/nothing";
    let folder = data_dir.path().to_str().unwrap();
    let (status, _, last) =
        run(&["migrate", "--database-url", nowhere, "--data-dir", folder]).await;
    assert_eq!(status.code(), Some(1));
    assert!(
        last.starts_with("docket: cannot use the database that DATABASE_URL names: "),
        "{last}"
    );
    assert!(last.contains("refused"), "{last}");

    let (status, _, last) = run(&["token", "--sub", "a b"]).await;
    assert_eq!(status.code(), Some(2), "{last}");
}

#[tokio::test]
async fn topics_and_schemas_are_told() {
    let (status, topics, last) = run(&["asyncapi"]).await;
    assert!(status.success(), "{last}");
    assert_eq!(topics.trim_end(), all_in_one::schemas::topics().unwrap());

    let data_dir = data_dir();
    let folder = data_dir.path();
    let (status, _, last) = run(&["schemas", folder.to_str().unwrap()]).await;
    assert!(status.success(), "{last}");
    let expected = all_in_one::schemas::files().unwrap();
    assert_eq!(fs::read_dir(folder).unwrap().count(), expected.len());
    for (name, text) in expected {
        assert_eq!(fs::read_to_string(folder.join(&name)).unwrap(), text, "{name}");
    }

    let nowhere = folder.join("nowhere");
    let (status, _, last) = run(&["schemas", nowhere.to_str().unwrap()]).await;
    assert_eq!(status.code(), Some(1));
    let first = nowhere.join("BanCreated.v1.json");
    let told =
        format!("docket: cannot write {}: No such file or directory (os error 2)", first.display());
    assert_eq!(last, told);
}
