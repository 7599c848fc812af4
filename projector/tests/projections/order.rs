//! What readers see is always what the log says up to the checkpoint that they see with it.

use std::sync::Arc;

use testing::Database;
use tokio::sync::watch;

use crate::history::{AT, History, ban};
use crate::running::{Running, assert_true_to_the_log, caught_up};

/// At one moment: the checkpoint, and how many bans there are, which are as many as positions.
const MOMENT: &str = "SELECT c.position, (SELECT count(*) FROM projections.bans),
        (SELECT coalesce(max(position), 0) FROM projections.bans),
        (SELECT coalesce(sum(bans), 0)::bigint FROM projections.ban_counts WHERE live_stream_id = '')
    FROM projections.checkpoints AS c WHERE c.name = 'bans'";

#[tokio::test]
async fn events_under_load_become_visible_in_order_and_whole() {
    const WRITERS: u32 = 8;
    const EACH: u32 = 60;
    let database = Database::create().await;
    let history = Arc::new(History::stored(&database).await);
    let running = Running::start(&database.pool, history.reader());
    let seen = watch::Sender::new(0);
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (history, mut seen) = (history.clone(), seen.subscribe());
            tokio::spawn(async move {
                for nth in 0..EACH {
                    if nth == EACH / 2 {
                        // Something has to be seen while more is still to come.
                        seen.wait_for(|position| *position > 0).await.unwrap();
                    }
                    let user = format!("user-{writer}-{nth}");
                    history.tell(AT, Some("moderator"), ban("stream", &user, 1)).await;
                }
            })
        })
        .collect();

    let (mut last, mut moments) = (0, 0);
    while last < i64::from(WRITERS * EACH) {
        let moment: Option<(i64, i64, i64, i64)> =
            sqlx::query_as(MOMENT).fetch_optional(&database.pool).await.unwrap();
        let Some((position, bans, newest, counted)) = moment else { continue };
        assert_eq!((bans, newest, counted), (position, position, position));
        assert!(position >= last, "{position} after {last}");
        moments += i32::from(position > last);
        last = position;
        seen.send_replace(position);
    }

    assert!(moments > 1, "all was seen at once, which shows nothing");
    for writer in writers {
        writer.await.unwrap();
    }
    caught_up(&database.pool, history.reader().as_ref()).await;
    running.stop().await;
    assert_true_to_the_log(&database.pool, history.reader().as_ref()).await;
}
