//! The topic of events as the brokers know it.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::Offset;
use rdkafka::types::RDKafkaErrorCode;

use crate::error::ProjectorError;
use crate::kafka::client::{self, Logs};
use crate::kafka::config::{EVENTS, KafkaConfig};

/// How long an answer of the brokers is waited for.
const ANSWER: Duration = Duration::from_secs(5);

/// How often a topic that was just made is looked for, ...
const ATTEMPTS: u32 = 20;

/// ... and how long to wait in between.
const PAUSE: Duration = Duration::from_millis(100);

/// Asks the brokers about the topic; a member of no group. Clones share a connection.
#[derive(Clone)]
pub(crate) struct Topic {
    config: Arc<KafkaConfig>,
    name: Arc<str>,
    client: Arc<BaseConsumer<Logs>>,
}

impl Topic {
    /// The topic of all events on these brokers.
    pub(crate) fn new(config: &KafkaConfig) -> Result<Self, ProjectorError> {
        let client = client::config(config, "projector").create_with_context(Logs)?;
        let (config, name) = (Arc::new(config.clone()), config.topic(EVENTS).into());
        Ok(Self { config, name, client: Arc::new(client) })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How many partitions it has. One that is not there yet is made: the relay does so only when there
    /// is something to relay.
    pub(crate) async fn partitions(&self) -> Result<i32, ProjectorError> {
        for attempt in 0..ATTEMPTS {
            match self.count().await? {
                0 if attempt == 0 => {
                    client::ensure_topic(&self.config, client::EVENTS).await?;
                }
                // The brokers have still to tell one another.
                0 => tokio::time::sleep(PAUSE).await,
                count => return Ok(count),
            }
        }
        Err(ProjectorError::NoTopic(self.name.to_string()))
    }

    async fn count(&self) -> Result<i32, ProjectorError> {
        let name = Arc::clone(&self.name);
        let count = self
            .ask(move |client| {
                let metadata = client.fetch_metadata(Some(&name), ANSWER)?;
                let found = metadata.topics().iter().find(|topic| topic.name() == &*name);
                Ok(found.map_or(0, |topic| topic.partitions().len()))
            })
            .await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    /// For each of its first `count` partitions, the offset that the next record will get.
    pub(crate) async fn ends(&self, count: i32) -> Result<Vec<i64>, ProjectorError> {
        self.offsets(count, Offset::End).await
    }

    /// For each of its first `count` partitions, the offset of the first record that is still there.
    pub(crate) async fn beginnings(&self, count: i32) -> Result<Vec<i64>, ProjectorError> {
        self.offsets(count, Offset::Beginning).await
    }

    /// One question to each broker that leads some of them.
    async fn offsets(&self, count: i32, which: Offset) -> Result<Vec<i64>, ProjectorError> {
        let name = Arc::clone(&self.name);
        self.ask(move |client| {
            let mut asked = TopicPartitionList::new();
            for partition in 0..count {
                asked.add_partition_offset(&name, partition, which)?;
            }
            let mut answered = vec![0; usize::try_from(count).unwrap_or_default()];
            for element in client.offsets_for_times(asked, ANSWER)?.elements() {
                element.error()?;
                let place = usize::try_from(element.partition()).ok();
                let place = place.and_then(|partition| answered.get_mut(partition));
                match (place, element.offset()) {
                    (Some(place), Offset::Offset(offset)) => *place = offset,
                    _ => return Err(KafkaError::OffsetFetch(RDKafkaErrorCode::NoOffset)),
                }
            }
            Ok(answered)
        })
        .await
    }

    /// The client blocks, so it does so where that is allowed.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&BaseConsumer<Logs>) -> KafkaResult<T> + Send + 'static,
    ) -> Result<T, ProjectorError> {
        let client = Arc::clone(&self.client);
        let asking = tokio::task::spawn_blocking(move || question(&client));
        // It limits its own time; this one is for the time until it is begun.
        let answered = tokio::time::timeout(ANSWER * 2, asking).await;
        match answered.map_err(|_| ProjectorError::TimedOut)? {
            Ok(answer) => Ok(answer?),
            // It panicked, or the process ends.
            Err(_) => Err(ProjectorError::TimedOut),
        }
    }
}
