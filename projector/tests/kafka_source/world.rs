//! A database, a log in it, and a topic: what a test begins with.

use std::sync::Arc;

use event_log::{LogReader, Position};
use projector::KafkaConfig;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use sqlx::PgPool;
use testing::Database;

use crate::history::History;
use crate::member::Member;
use crate::story::{steps, tell};
use crate::topic::Topic;

/// What a test begins with.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) history: History,
    pub(crate) topic: Topic,
    /// Whether somebody else relays.
    relayed: bool,
}

impl World {
    /// With a topic of this many partitions.
    pub(crate) async fn create(partitions: i32) -> Self {
        Self::with(Topic::create(partitions).await).await
    }

    /// With this topic.
    pub(crate) async fn with(topic: Topic) -> Self {
        let database = Database::create().await;
        let history = History::stored(&database).await.sealing(&database);
        Self { database, history, topic, relayed: false }
    }

    /// For real processes, which relay.
    pub(crate) async fn relayed(partitions: i32) -> Self {
        Self { relayed: true, ..Self::create(partitions).await }
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.database.pool
    }

    pub(crate) fn log(&self) -> Arc<dyn LogReader> {
        self.history.reader()
    }

    pub(crate) fn config(&self) -> &KafkaConfig {
        &self.topic.config
    }

    /// A member that keeps every projection.
    pub(crate) fn member(&self) -> Member {
        Member::start(self.pool(), self.log(), self.config())
    }

    /// Tells the log of bans and reports on several live streams, from about half as many things up to
    /// this many. The same in every run of a test, and other ones for every number.
    pub(crate) async fn tell(&self, most: usize) {
        let mut runner = TestRunner::deterministic();
        let told = steps(most).prop_filter("enough of them", |steps| steps.len() > most / 2);
        let steps = told.new_tree(&mut runner).unwrap().current();
        tell(&self.history, &steps).await;
    }

    /// Relays what was told, unless somebody else does. Where that ended.
    pub(crate) async fn relay(&self) -> Position {
        if self.relayed {
            return self.head().await;
        }
        self.topic.relay(self.log().as_ref(), self.pool()).await
    }

    pub(crate) async fn head(&self) -> Position {
        self.log().head().await.unwrap()
    }
}
