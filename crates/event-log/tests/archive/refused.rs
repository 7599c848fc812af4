//! What is not loaded, and that nothing of it is.

use event_log::archive::{ArchiveError, Fault, Positions};
use event_log::postgres::LoadError;
use testing::Database;

use crate::given::json;
use crate::sample::{archive, archive_of, assert_empty, event, events, load};

#[tokio::test]
async fn a_log_that_holds_something_is_left_alone() {
    let database = Database::create().await;
    load(&database, &archive(&events()[..1])).await.unwrap();
    let refused = load(&database, &archive(&events())).await.unwrap_err();
    assert!(matches!(refused, LoadError::NotEmpty), "{refused}");
    assert_eq!(
        refused.to_string(),
        "the log holds events already: an archive is loaded into an empty log only"
    );
    let events: i64 = sqlx::query_scalar("SELECT count(*) FROM log.events")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(events, 1);
}

#[tokio::test]
async fn an_archive_with_gaps_is_not_for_postgresql() {
    let database = Database::create().await;
    let gaps = archive_of(Positions::Increasing, &[event(5, "a", 1)]);
    let refused = load(&database, &gaps).await.unwrap_err().to_string();
    assert!(refused.ends_with("such a log comes here by `copy-log`"), "{refused}");
    assert_empty(&database).await;
}

#[tokio::test]
async fn eventstoredb_takes_no_archive() {
    let input: Box<dyn std::io::BufRead + Send> =
        Box::new(std::io::Cursor::new(archive(&events()).into_bytes()));
    let reader = event_log::archive::Reader::begin(input).unwrap();
    let refused = event_log::load("esdb://127.0.0.1:2113", reader, |_| ()).await.unwrap_err();
    assert!(refused.to_string().ends_with("take it along with `copy-log`"), "{refused}");
}

#[tokio::test]
async fn a_broken_archive_leaves_nothing_behind() {
    let database = Database::create().await;
    let whole = archive(&events());
    let cut = &whole[..whole.len() - 60];
    let refused = load(&database, cut).await.unwrap_err();
    let LoadError::Archive(error) = refused else { panic!("{refused}") };
    assert!(matches!(error, ArchiveError { line: 7, fault: Fault::Cut }), "{error:?}");
    assert_empty(&database).await;
    load(&database, &whole).await.unwrap();
}

/// Archives that hold together and are no log that Docket wrote.
#[tokio::test]
async fn what_the_database_does_not_take_is_named_by_its_line() {
    let database = Database::create().await;
    let mut twice = events();
    twice[3].id = twice[1].id;
    let mut nul = events();
    nul[2].data = json(r#"{"text": "\u0000"}"#);
    let mut gap = events();
    gap[2].version = 7;
    let mut swapped = events();
    (swapped[0].version, swapped[2].version) = (2, 1);
    let cases = [
        (twice, "line 5 of the archive: the database does not take it"),
        (nul, "line 4 of the archive: the database does not take it"),
        (gap, "line 4 of the archive: it is version 7 of stream a, where version 2 belongs"),
        (swapped, "line 2 of the archive: it is version 2 of stream a, where version 1 belongs"),
    ];
    for (events, expected) in cases {
        assert_eq!(load(&database, &archive(&events)).await.unwrap_err().to_string(), expected);
        assert_empty(&database).await;
    }
}
