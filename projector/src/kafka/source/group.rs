//! Membership in a consumer group: which partitions are this process's own, and their records.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionListElem};
use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr};
use rdkafka::{ClientConfig, TopicPartitionList};
use tokio::sync::Notify;

use super::record::Record;
use crate::error::ProjectorError;
use crate::kafka::client::{self, Logs};
use crate::kafka::config::{EVENTS, KafkaConfig};

/// The longest that a member may be busy with what it was handed before the group takes it for dead.
/// Longer than any run of events takes to land, [`LANDING`](super::member::LANDING).
const BUSY: Duration = Duration::from_mins(10);

/// How long the client may take to begin where it is told: it asks nobody for that.
const PLACE: Duration = Duration::from_secs(10);

/// How long leaving may take, so that others need not wait until this member's session runs out.
const LEAVE: Duration = Duration::from_secs(5);

/// The longest between two signs of life, in milliseconds. Until the next one nobody reads the partitions
/// that a change of the group moves.
const HEARTBEAT: u128 = 500;

/// A member of a group.
pub(super) struct Group {
    topic: String,
    /// Gone only when it leaves.
    consumer: Option<Arc<StreamConsumer<Assignment>>>,
}

/// Which partitions are this member's, as the group says.
#[derive(Default)]
struct Assignment {
    /// By partition, which of all assignments made it this member's: one that was taken away and given
    /// back meanwhile is another one.
    partitions: Mutex<Assigned>,
    changed: Notify,
}

#[derive(Default)]
struct Assigned {
    count: u64,
    by_partition: BTreeMap<i32, u64>,
    /// Where each partition is known to have ended.
    ends: Vec<i64>,
}

impl Group {
    /// Joins the group of this name.
    pub(super) fn join(
        config: &KafkaConfig,
        name: &str,
        ends: &[i64],
    ) -> Result<Self, ProjectorError> {
        let topic = config.topic(EVENTS);
        let consumer: StreamConsumer<Assignment> =
            settings(config, name).create_with_context(Assignment::default())?;
        let group = Self { topic, consumer: Some(Arc::new(consumer)) };
        group.learn(ends);
        if let Some(consumer) = &group.consumer {
            consumer.subscribe(&[&group.topic])?;
        }
        Ok(group)
    }

    /// This member's partitions, each with the number of the assignment that made it so.
    pub(super) fn assigned(&self) -> BTreeMap<i32, u64> {
        self.consumer
            .as_ref()
            .map_or_else(BTreeMap::new, |consumer| consumer.context().lock().by_partition.clone())
    }

    /// Waits for the next record, or for a change of the assignment (`None`). Nothing is lost when it
    /// is cancelled.
    pub(super) async fn next(&self) -> Result<Option<Record>, ProjectorError> {
        let Some(consumer) = &self.consumer else { return std::future::pending().await };
        loop {
            let received = tokio::select! {
                biased;
                () = consumer.context().changed.notified() => return Ok(None),
                record = consumer.recv() => record,
            };
            match received {
                Ok(record) => return Ok(Some(Record::read(&record))),
                Err(error) if is_ours_to_mend(&error) => return Err(error.into()),
                // A broker that is away, say: the client tries for ever, and tells of every time.
                Err(error) => tracing::debug!(%error, "Kafka's client goes on trying"),
            }
        }
    }

    /// Learns where partitions end, or have ended: a place where one that is new can rest.
    pub(super) fn learn(&self, ends: &[i64]) {
        if let Some(consumer) = &self.consumer {
            consumer.context().lock().ends = ends.to_vec();
        }
    }

    /// Reads these partitions on from these offsets.
    ///
    /// They are taken out of the assignment and put back, which works in whatever state the client is;
    /// seeking does not after an error.
    pub(super) async fn read_from(
        &self,
        offsets: &BTreeMap<i32, i64>,
    ) -> Result<(), ProjectorError> {
        let Some(consumer) = self.consumer.clone() else { return Ok(()) };
        let list = self.list(offsets);
        if list.count() == 0 {
            return Ok(());
        }
        let placing = tokio::task::spawn_blocking(move || {
            if let Err(error) = consumer.incremental_unassign(&list) {
                tracing::debug!(%error, "a partition was not in the assignment");
            }
            consumer.incremental_assign(&list)?;
            consumer.resume(&list)
        });
        match tokio::time::timeout(PLACE, placing).await {
            Ok(Ok(placed)) => Ok(placed?),
            Ok(Err(_)) | Err(_) => Err(ProjectorError::TimedOut),
        }
    }

    fn list(&self, offsets: &BTreeMap<i32, i64>) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for (partition, offset) in offsets {
            // It can only refuse offsets that are none.
            let _ = list.add_partition_offset(&self.topic, *partition, Offset::Offset(*offset));
        }
        list
    }

    /// Tells the brokers how far this member is, for tools that show it: nobody here ever asks.
    pub(super) fn commit(&self, offsets: &BTreeMap<i32, i64>) {
        let Some(consumer) = &self.consumer else { return };
        let list = self.list(offsets);
        if list.count() > 0
            && let Err(error) = consumer.commit(&list, CommitMode::Async)
        {
            tracing::debug!(%error, "offsets were not committed");
        }
    }

    /// Whether the client has given up for good.
    pub(super) fn is_dead(&self) -> bool {
        self.consumer.as_ref().is_none_or(|consumer| consumer.client().fatal_error().is_some())
    }

    /// Leaves in good order, so that others take over at once.
    pub(super) async fn leave(mut self) {
        let Some(consumer) = self.consumer.take() else { return };
        let leaving = tokio::task::spawn_blocking(move || drop(consumer));
        if tokio::time::timeout(LEAVE, leaving).await.is_err() {
            tracing::warn!("the group was not left in time, and will notice by itself");
        }
    }
}

/// Leaving blocks, so that is done elsewhere.
impl Drop for Group {
    fn drop(&mut self) {
        if let Some(consumer) = self.consumer.take() {
            std::thread::spawn(move || drop(consumer));
        }
    }
}

/// Whether the client has lost its way, or may not or cannot go on.
fn is_ours_to_mend(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    error.rdkafka_error_code().is_none_or(|code| {
        matches!(
            code,
            Code::AutoOffsetReset
                | Code::Fatal
                | Code::GroupAuthorizationFailed
                | Code::OffsetOutOfRange
                | Code::TopicAuthorizationFailed
                | Code::UnknownPartition
                | Code::UnknownTopic
                | Code::UnknownTopicOrPartition
        )
    })
}

fn settings(config: &KafkaConfig, name: &str) -> ClientConfig {
    let session = u128::from(config.session_timeout) * 1000;
    let mut settings = client::config(config, name);
    for (setting, value) in [
        ("group.id", name.to_owned()),
        // A member that comes or goes moves its own partitions only; the others go on.
        ("partition.assignment.strategy", "cooperative-sticky".to_owned()),
        ("session.timeout.ms", session.to_string()),
        // A member learns by its heartbeat that others came or went.
        ("heartbeat.interval.ms", (session / 4).min(HEARTBEAT).to_string()),
        ("max.poll.interval.ms", BUSY.as_millis().max(session).to_string()),
        // Where to read on stands with the rows, and nothing may be skipped behind our back.
        ("enable.auto.commit", "false".to_owned()),
        ("enable.auto.offset.store", "false".to_owned()),
        ("auto.offset.reset", "error".to_owned()),
        // What may wait in memory, and how soon it is filled up again.
        ("queued.max.messages.kbytes", "8192".to_owned()),
        ("queued.min.messages", "10000".to_owned()),
        ("fetch.queue.backoff.ms", "10".to_owned()),
        ("fetch.max.bytes", "4194304".to_owned()),
        // A partition that was just assigned waits for the fetch that is under way without it.
        ("fetch.wait.max.ms", "100".to_owned()),
        // New partitions are noticed within this time.
        ("topic.metadata.refresh.interval.ms", "30000".to_owned()),
    ] {
        settings.set(setting, value);
    }
    settings
}

impl Assignment {
    /// Has each of `partitions` begin where it is known to have ended.
    fn rest(&self, partitions: &mut TopicPartitionList) {
        let known = self.lock();
        for mut partition in partitions.elements() {
            let place = usize::try_from(partition.partition()).ok();
            let end = place.and_then(|place| known.ends.get(place)).copied().unwrap_or_default();
            // It can only refuse offsets that are none.
            let _ = partition.set_offset(Offset::Offset(end));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Assigned> {
        self.partitions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for Assignment {
    fn error(&self, error: KafkaError, reason: &str) {
        Logs.error(error, reason);
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        Logs.log(level, facility, message);
    }
}

impl ConsumerContext for Assignment {
    /// Says yes at once. A new partition rests until it is known where to read on.
    ///
    /// It rests at an offset that is there, not at "the end": the answer to a question for that would
    /// come some time later, and undo where the partition was set to meanwhile.
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        what: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        let numbers: Vec<i32> =
            partitions.elements().iter().map(TopicPartitionListElem::partition).collect();
        let answered = match what {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => {
                self.rest(partitions);
                let taken = consumer.incremental_assign(partitions);
                taken.and_then(|()| consumer.pause(partitions))
            }
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS => {
                consumer.incremental_unassign(partitions)
            }
            _ => consumer.unassign(),
        };
        if let Err(error) = answered {
            tracing::warn!(%error, ?numbers, "the assignment of partitions cannot be followed");
        }
        let mut assigned = self.lock();
        match what {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => {
                assigned.count += 1;
                let count = assigned.count;
                assigned.by_partition.extend(numbers.iter().map(|number| (*number, count)));
            }
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS => {
                assigned.by_partition.retain(|number, _| !numbers.contains(number));
            }
            _ => assigned.by_partition.clear(),
        }
        tracing::info!(own = ?assigned.by_partition.keys(), "partitions were assigned anew");
        self.changed.notify_one();
    }
}
