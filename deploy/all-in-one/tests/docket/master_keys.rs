//! The keys that personal texts are sealed under: never lost in silence, and replaced while everything runs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Docket, data_dir, run};

/// Bans somebody for this reason; the ban.
async fn ban(docket: &Docket, target: &str, reason: &str) -> Value {
    let body = json!({"targetUserId": target, "liveStreamId": docket.demo()["liveStreamId"],
        "reason": reason});
    let url = format!("{}/api/v1/live-stream-ban", docket.base_url);
    let request = reqwest::Client::new().post(url).bearer_auth(docket.token("creator"));
    let answer = request.json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.unwrap()["data"].take()
}

/// Why the ban is there, as the list of bans tells once it has come that far.
async fn listed_reason(docket: &Docket, ban: &Value) -> Value {
    let path = format!("/api/v1/live-stream-ban/{}", ban["_id"].as_str().unwrap());
    testing::eventually("the ban to be listed", async || {
        let (status, body) = docket.get("creator", &path).await;
        (status == 200).then(|| body["data"]["reason"].clone())
    })
    .await
}

/// Runs `docket master-key` on the file in this folder; whether it succeeded, and what it told.
async fn master_key(folder: &Path, command: &[&str]) -> (bool, String) {
    let file = folder.join("master.key");
    let (file, folder) = (file.to_str().unwrap(), folder.to_str().unwrap());
    let arguments = [&["master-key"], command, &[file, "--data-dir", folder]].concat();
    let (status, printed, last) = run(&arguments).await;
    (status.success(), if status.success() { printed.trim_end().to_owned() } else { last })
}

#[tokio::test]
async fn a_key_is_made_once_and_its_loss_is_told() {
    let data_dir = data_dir();
    let folder = data_dir.path().canonicalize().unwrap();
    let file = folder.join("master.key");
    let docket = Docket::start(&folder).await;
    let made = fs::read_to_string(&file).unwrap();
    assert!(made.starts_with("local-1:"));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let listed = ban(&docket, "673ac9e2c93fe18d3fdd2314", "spam").await;
    assert_eq!(listed_reason(&docket, &listed).await, "spam");
    assert!(docket.stop().await.success());

    // Every start, of whatever looks at texts, refuses what would make them unreadable.
    let refuses = async |told: &str| {
        for command in [&["--listen", "127.0.0.1:0"][..], &["verify"]] {
            let arguments = [command, &["--data-dir", folder.to_str().unwrap()]].concat();
            let (status, _, last) = run(&arguments).await;
            assert_eq!((status.code(), &*last), (Some(1), told));
        }
    };
    fs::remove_file(&file).unwrap();
    refuses(&format!(
        "docket: {} is missing, and the database holds 2 keys of persons that local-1 protects: put the \
         file back, or name it with MASTER_KEY_FILE; without it their texts cannot be read",
        file.display()
    ))
    .await;
    assert!(!file.exists(), "no new key was made");
    fs::write(&file, "local-1:garbled\n").unwrap();
    refuses(
        "docket: line 1 of the master keys is not NAME:KEY, a name of 1 to 64 letters, digits, - or _ and a \
         key of 32 bytes in base64",
    )
    .await;
    fs::write(&file, sealing::MasterKeys::generate("local-1").unwrap()).unwrap();
    refuses(&format!(
        "docket: the master keys in {} are not those of this database: a person's key cannot be used: the \
         master key local-1 is another one than the one that the database knows by this name",
        file.display()
    ))
    .await;

    fs::write(&file, &made).unwrap();
    let docket = Docket::start(&folder).await;
    assert_eq!(listed_reason(&docket, &listed).await, "spam");
    assert_eq!(fs::read_to_string(&file).unwrap(), made);
    assert!(docket.stop().await.success());
}

#[tokio::test]
async fn keys_are_replaced_beside_a_running_docket() {
    let data_dir = data_dir();
    let folder = data_dir.path();
    let docket = Docket::start(folder).await;
    let first = ban(&docket, "673ac9e2c93fe18d3fdd2314", "first").await;

    let shown = master_key(folder, &["show"]).await;
    assert_eq!(shown, (true, "local-1\tcurrent\twraps 2 keys of persons".to_owned()));
    // A file that others have copies of gets the new key before anything is wrapped with it.
    let told = "local-2 is prepared: rotate again once every service has the file".to_owned();
    assert_eq!(master_key(folder, &["rotate", "--prepare"]).await, (true, told));
    let told = "local-2 was prepared before".to_owned();
    assert_eq!(master_key(folder, &["rotate", "--prepare"]).await, (true, told));
    let told = "local-2 has wrapped 2 keys of persons anew".to_owned();
    assert_eq!(master_key(folder, &["rotate"]).await, (true, told));
    let second = ban(&docket, "673ac9e2c93fe18d3fdd2315", "second").await;
    let shown = "local-2\tcurrent\twraps 3 keys of persons\nlocal-1\told\twraps 0 keys of persons";
    assert_eq!(master_key(folder, &["show"]).await, (true, shown.to_owned()));

    // Cut short after the file was changed: nothing is retired, and the next try finishes.
    let file = folder.join("master.key");
    let third = sealing::MasterKeys::generate("local-3").unwrap();
    fs::write(&file, third + &fs::read_to_string(&file).unwrap()).unwrap();
    let (done, told) = master_key(folder, &["retire"]).await;
    assert!(!done);
    let expected = "docket: nothing is retired, for local-2 still wraps 3 keys of persons: run \
         `docket master-key rotate` first";
    assert_eq!(told, expected);
    let told = "local-3 has wrapped 3 keys of persons anew, as was begun before".to_owned();
    assert_eq!(master_key(folder, &["rotate"]).await, (true, told));
    let told = "retired local-2, local-1; local-3 is the only master key".to_owned();
    assert_eq!(master_key(folder, &["retire"]).await, (true, told));
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 1);

    let third = ban(&docket, "673ac9e2c93fe18d3fdd2316", "third").await;
    for (ban, reason) in [(&first, "first"), (&second, "second"), (&third, "third")] {
        assert_eq!(listed_reason(&docket, ban).await, reason);
    }
    let (status, _, last) = run(&["verify", "--data-dir", folder.to_str().unwrap()]).await;
    assert!(status.success(), "{last}");
    assert!(docket.stop().await.success());
}

#[tokio::test]
async fn a_file_is_made_and_never_overwritten() {
    let folder = data_dir();
    let file = folder.path().join("keys");
    let generate = ["master-key", "generate", file.to_str().unwrap(), "--name", "prod-1"];
    let (status, printed, last) = run(&generate).await;
    assert!(status.success(), "{last}");
    let made = fs::read_to_string(&file).unwrap();
    assert!(made.starts_with("prod-1:") && !printed.contains(made.trim_end()));
    let (status, _, last) = run(&generate).await;
    assert_eq!(status.code(), Some(1));
    let told = "cannot be read or written: File exists (os error 17)";
    assert_eq!(last, format!("docket: the master keys in {} {told}", file.display()));
    assert_eq!(fs::read_to_string(&file).unwrap(), made);
    let (status, _, last) = run(&["master-key", "show", "nowhere"]).await;
    assert_eq!(status.code(), Some(1));
    assert!(last.ends_with("No such file or directory (os error 2)"), "{last}");
}
