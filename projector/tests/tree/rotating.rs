//! Keys come and go.

use std::os::unix::fs::PermissionsExt;

use projector::tree::log_key;
use testing::Database;

use crate::history::History;
use crate::world::{Building, Keys, ORIGIN, note, signed, tell, verified};

#[tokio::test]
async fn while_keys_overlap_a_checkpoint_verifies_under_both() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    tell(&history, "a", 3).await;
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    signed(&database.pool, 3, &keys.public).await;
    building.stop().await;

    let both = log_key::rotate(&keys.file()).unwrap();
    assert_eq!((both.len(), &both[1]), (2, &keys.public));
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    tell(&history, "b", 3).await;
    signed(&database.pool, 6, &both[1]).await;
    signed(&database.pool, 6, &both[0]).await;
    building.stop().await;

    assert_eq!(log_key::retire(&keys.file()).unwrap(), both[..1]);
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    tell(&history, "c", 3).await;
    signed(&database.pool, 9, &both[0]).await;
    assert_eq!(verified(&note(&database.pool).await.unwrap(), &both[1]), None);
    building.stop().await;
}

#[test]
fn a_key_file_is_its_owners_and_is_not_overwritten() {
    let keys = Keys::new(ORIGIN);
    let mode = || std::fs::metadata(keys.file()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    let before = std::fs::read(keys.file()).unwrap();
    let refused = log_key::generate(ORIGIN, &keys.file()).unwrap_err().to_string();
    assert!(refused.contains("is there already"), "{refused}");
    assert_eq!(std::fs::read(keys.file()).unwrap(), before);
    assert_eq!(log_key::show(&keys.file()).unwrap(), std::slice::from_ref(&keys.public));
    log_key::rotate(&keys.file()).unwrap();
    assert_eq!(mode(), 0o600);
}

#[test]
fn what_is_no_key_file_is_refused_by_name() {
    let keys = Keys::new(ORIGIN);
    let secret = std::fs::read_to_string(keys.file()).unwrap();
    let other = std::fs::read_to_string(Keys::new("other.test/log").file()).unwrap();
    let cases = [
        (String::new(), "holds no key"),
        ("\n\n".to_owned(), "holds no key"),
        (format!("{secret}\nnonsense\n"), "line 3 of"),
        (secret.replace("docket.test", "docket.tset"), "line 1 of"),
        (secret.clone() + &other, "have different names"),
    ];
    for (text, reason) in cases {
        std::fs::write(keys.file(), text).unwrap();
        let refused = log_key::show(&keys.file()).unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
        let name = keys.file().display().to_string();
        assert!(refused.contains(&name) && !refused.contains(secret.trim()), "{refused}");
    }
    for name in ["", "two words", "a+b"] {
        let refused = log_key::generate(name, &keys.witness()).unwrap_err().to_string();
        assert!(refused.contains("cannot be a log's origin"), "{refused}");
    }
}
