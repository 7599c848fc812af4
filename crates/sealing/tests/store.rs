//! Keys of persons in a real database.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::HashMap;

use sealing::store::{by_id, of_subjects, rewrap, usage};
use sealing::{KeyError, MasterKeys, Place, SealError, SubjectKey};
use testing::Database;
use ulid::Ulid;

const PLACE: Place<'_> =
    Place { event_id: Ulid(1), event_type: "OrderPaid", schema_version: 1, field: "note" };

fn master(names: &[&str]) -> (MasterKeys, String) {
    let lines: String = names.iter().map(|name| MasterKeys::generate(name).unwrap()).collect();
    (MasterKeys::parse(&lines).unwrap(), lines)
}

#[tokio::test]
async fn each_person_has_one_key_however_many_ask_for_it_at_once() {
    let database = Database::create().await;
    let pool = &database.pool;
    let (master, _) = master(&["a"]);
    let people: Vec<String> = (0..50).map(|n| format!("person-{n}")).collect();
    let ask = |reversed: bool| {
        let (pool, master, mut people) = (pool.clone(), master.clone(), people.clone());
        tokio::spawn(async move {
            if reversed {
                people.reverse();
            }
            let people: Vec<&str> = people.iter().map(String::as_str).collect();
            of_subjects(&pool, &master, &people).await.unwrap()
        })
    };
    let asked: Vec<_> = (0..8).map(|n| ask(n % 2 == 0)).collect();
    let mut seen: Vec<HashMap<String, SubjectKey>> = vec![];
    for task in asked {
        seen.push(task.await.unwrap());
    }
    let first = &seen[0];
    assert_eq!(first.len(), people.len());
    for keys in &seen {
        for (person, key) in keys {
            let sealed = key.seal(PLACE, person).unwrap();
            assert_eq!(first[person].id(), key.id());
            assert_eq!(first[person].open(PLACE, &sealed).unwrap(), *person);
        }
    }
}

#[tokio::test]
async fn a_destroyed_key_is_absent_and_the_person_gets_another() {
    let database = Database::create().await;
    let pool = &database.pool;
    let (master, _) = master(&["a"]);
    let old = of_subjects(pool, &master, &["p"]).await.unwrap()["p"].id();
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(by_id(&mut connection, &master, &[old, Ulid(1)]).await.unwrap().len(), 1);
    sqlx::query("DELETE FROM privacy.subject_keys").execute(pool).await.unwrap();
    assert!(by_id(&mut connection, &master, &[old]).await.unwrap().is_empty());
    let new = of_subjects(pool, &master, &["p"]).await.unwrap()["p"].id();
    assert_ne!(old, new);
}

#[tokio::test]
async fn a_rotation_wraps_every_key_anew_and_keeps_what_it_sealed() {
    let database = Database::create().await;
    let pool = &database.pool;
    let (old, old_line) = master(&["old"]);
    let people: Vec<String> = (0..2_500).map(|n| format!("person-{n}")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let keys = of_subjects(pool, &old, &people).await.unwrap();
    let sealed = keys["person-7"].seal(PLACE, "text").unwrap();

    let new_line = MasterKeys::generate("new").unwrap();
    let both = MasterKeys::parse(&format!("{new_line}{old_line}")).unwrap();
    assert_eq!(rewrap(pool, &both).await.unwrap(), 2_500);
    assert_eq!(usage(pool).await.unwrap(), [("new".to_owned(), 2_500)]);
    assert_eq!(rewrap(pool, &both).await.unwrap(), 0);

    let new = MasterKeys::parse(&new_line).unwrap();
    let keys = of_subjects(pool, &new, &people).await.unwrap();
    assert_eq!(keys["person-7"].open(PLACE, &sealed).unwrap(), "text");
    let error = of_subjects(pool, &old, &people).await.unwrap_err();
    assert!(
        matches!(&error, KeyError::Unusable(SealError::UnknownMasterKey(name)) if name == "new"),
        "{error:?}"
    );
}
