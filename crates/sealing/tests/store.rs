//! Keys of persons in a real database.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::HashMap;

use sealing::store::{
    ImportError, Imported, by_id, check, each_by_id, each_of_subjects, export, import, names,
    of_subjects, retire, rewrap, usage,
};
use sealing::{Durability, KeyError, MasterKeys, Place, SealError, SubjectKey};
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

#[tokio::test]
async fn a_master_key_is_retired_once_it_wraps_nothing_and_then_wraps_nothing_more() {
    let database = Database::create().await;
    let pool = &database.pool;
    let (old, old_line) = master(&["old"]);
    let new_line = MasterKeys::generate("new").unwrap();
    let both = MasterKeys::parse(&format!("{new_line}{old_line}")).unwrap();
    of_subjects(pool, &old, &["p", "q"]).await.unwrap();
    assert_eq!(retire(pool, &both).await.unwrap(), [("old".to_owned(), 2)]);
    // Nothing was done: the old one wraps on.
    of_subjects(pool, &old, &["r"]).await.unwrap();
    assert_eq!(rewrap(pool, &both).await.unwrap(), 3);
    assert_eq!(retire(pool, &both).await.unwrap(), []);
    assert_eq!(retire(pool, &both).await.unwrap(), [], "once more is harmless");

    // Whoever has not heard of it brings no key that nobody will be able to open.
    let error = of_subjects(pool, &old, &["s"]).await.unwrap_err();
    assert!(
        matches!(&error, KeyError::Unusable(SealError::RetiredMasterKey(name)) if name == "old"),
        "{error:?}"
    );
    let error = check(pool, &old).await.unwrap_err();
    assert!(matches!(error, KeyError::Unusable(SealError::RetiredMasterKey(_))), "{error:?}");
    check(pool, &both).await.unwrap();
    assert_eq!(usage(pool).await.unwrap(), [("new".to_owned(), 3)]);
    assert_eq!(names(pool).await.unwrap(), ["new", "old"]);
}

#[tokio::test]
async fn who_is_about_to_wrap_while_a_key_is_retired_is_waited_for() {
    let database = Database::create().await;
    let pool = &database.pool;
    let (old, old_line) = master(&["old"]);
    let new_line = MasterKeys::generate("new").unwrap();
    let both = MasterKeys::parse(&format!("{new_line}{old_line}")).unwrap();
    check(pool, &old).await.unwrap();
    check(pool, &both).await.unwrap();
    of_subjects(pool, &both, &["p"]).await.unwrap();
    // He has inserted and not yet committed.
    let mut transaction = pool.begin().await.unwrap();
    let made = each_of_subjects(&mut transaction, &old, &["q"], Durability::AtOnce).await.unwrap();
    made["q"].as_ref().unwrap();
    let retiring = {
        let (pool, both) = (pool.clone(), both.clone());
        tokio::spawn(async move { retire(&pool, &both).await.unwrap() })
    };
    testing::eventually("the lock to be waited for", async || {
        let waits: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'ShareLock'
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
        )
        .fetch_one(&database.owner)
        .await
        .unwrap();
        waits.then_some(())
    })
    .await;
    transaction.commit().await.unwrap();
    assert_eq!(retiring.await.unwrap(), [("old".to_owned(), 1)]);
}

#[tokio::test]
async fn another_key_under_the_same_name_is_found_out_before_it_does_harm() {
    let database = Database::create().await;
    let pool = &database.pool;
    let (one, _) = master(&["local-1"]);
    let (other, _) = master(&["local-1"]);
    // Not even a person's key need be there.
    check(pool, &one).await.unwrap();
    for error in [
        check(pool, &other).await.unwrap_err(),
        of_subjects(pool, &other, &["p"]).await.unwrap_err(),
    ] {
        assert!(
            matches!(&error, KeyError::Unusable(SealError::OtherMasterKey(name)) if name == "local-1"),
            "{error:?}"
        );
    }
    of_subjects(pool, &one, &["p"]).await.unwrap();
    let (third, _) = master(&["local-3"]);
    let error = check(pool, &third).await.unwrap_err();
    assert!(
        matches!(&error, KeyError::Unusable(SealError::UnknownMasterKey(name)) if name == "local-1"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_row_that_does_not_open_is_the_trouble_of_its_person_alone() {
    let database = Database::create().await;
    let pool = &database.pool;
    let (master, _) = master(&["a"]);
    let keys = of_subjects(pool, &master, &["p", "q"]).await.unwrap();
    sqlx::query("UPDATE privacy.subject_keys SET wrapped = '\\x00' WHERE subject = 'q'")
        .execute(pool)
        .await
        .unwrap();
    let mut connection = pool.acquire().await.unwrap();
    let durability = Durability::WithWhatFollows;
    let each =
        each_of_subjects(&mut connection, &master, &["p", "q", "r"], durability).await.unwrap();
    assert!(each["p"].is_ok() && each["q"].is_err() && each["r"].is_ok());
    let each =
        each_by_id(&mut connection, &master, &[keys["p"].id(), keys["q"].id()]).await.unwrap();
    assert!(each[&keys["p"].id()].is_ok() && each[&keys["q"].id()].is_err());
}

#[tokio::test]
async fn keys_go_to_another_installation_but_not_those_that_were_destroyed_there() {
    let (here, there) = (Database::create().await, Database::create().await);
    let (master, _) = master(&["a"]);
    let people: Vec<String> = (0..1_500).map(|n| format!("person-{n}")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let keys = of_subjects(&here.pool, &master, &people).await.unwrap();
    let sealed = keys["person-7"].seal(PLACE, "text").unwrap();

    let mut exported = vec![];
    loop {
        let next = export(&here.pool, exported.last()).await.unwrap();
        if next.is_empty() {
            break;
        }
        exported.extend(next);
    }
    let all = Imported { imported: 1_500, found: 0, erased: 0 };
    assert_eq!(import(&there.pool, &master, &exported).await.unwrap(), all);
    let there_now = of_subjects(&there.pool, &master, &people).await.unwrap();
    assert_eq!(there_now["person-7"].open(PLACE, &sealed).unwrap(), "text");
    let again = Imported { imported: 0, found: 1_500, erased: 0 };
    assert_eq!(import(&there.pool, &master, &exported).await.unwrap(), again);

    sqlx::query("SELECT * FROM privacy.erase(gen_random_uuid(), 'person-7', 'admin', now(), 0)")
        .execute(&there.pool)
        .await
        .unwrap();
    let without = Imported { imported: 0, found: 1_499, erased: 1 };
    assert_eq!(import(&there.pool, &master, &exported).await.unwrap(), without);
    // Somebody else's key for the same person does not give way.
    let other = of_subjects(&there.pool, &master, &["person-7"]).await.unwrap();
    assert_ne!(other["person-7"].id(), keys["person-7"].id());
    sqlx::query("DELETE FROM privacy.erasures").execute(&there.owner).await.unwrap();
    let taken = import(&there.pool, &master, &exported).await.unwrap_err();
    assert!(matches!(taken, ImportError::Taken(1)), "{taken}");
    // Nor is a key taken that the master key does not open.
    let foreign = MasterKeys::parse(&MasterKeys::generate("b").unwrap()).unwrap();
    assert!(import(&there.pool, &foreign, &exported[..1]).await.is_err());
}
