//! A member of the consumer group.
//!
//! Which partitions it has is decided by the group, but not before the caller has answered: a partition
//! begins where the database says, and is let go only after nothing of it is still to be landed.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, TopicPartitionList};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use super::{Kind, Partition};
use crate::kafka::client::{self, ClientError, Logs};
use crate::kafka::config::KafkaConfig;

/// A change of what this member has. It waits for [`Consumer::assign`] or [`Consumer::unassign`].
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// These are its own now.
    Assigned(TopicPartitionList),
    /// These are not.
    Revoked(TopicPartitionList),
}

/// What comes next.
pub(super) enum Next<'a> {
    Change(Change),
    Record(BorrowedMessage<'a>),
}

/// Keeps changes until they are answered. The brokers make no second one before the first is.
#[derive(Default)]
struct Group {
    changes: Mutex<VecDeque<Change>>,
    noted: Notify,
    /// Nobody is there to answer any more.
    closing: AtomicBool,
}

impl Group {
    fn changes(&self) -> MutexGuard<'_, VecDeque<Change>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn changed(&self) -> Change {
        loop {
            if let Some(change) = self.changes().front() {
                return change.clone();
            }
            self.noted.notified().await;
        }
    }
}

impl ClientContext for Group {
    fn error(&self, error: KafkaError, reason: &str) {
        Logs.error(error, reason);
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        Logs.log(level, facility, message);
    }
}

impl ConsumerContext for Group {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        event: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        let change = match event {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => {
                Change::Assigned(partitions.clone())
            }
            _ => Change::Revoked(partitions.clone()),
        };
        if self.closing.load(Ordering::SeqCst) {
            return consent(consumer, &change);
        }
        self.changes().push_back(change);
        self.noted.notify_one();
    }
}

/// Answers for somebody who is about to leave.
fn consent(consumer: &impl rdkafka::consumer::Consumer<Group>, change: &Change) {
    let done = match change {
        Change::Assigned(partitions) => consumer.incremental_assign(partitions),
        Change::Revoked(partitions) => consumer.incremental_unassign(partitions),
    };
    if let Err(error) = done {
        tracing::debug!(%error, "the group took no notice");
    }
}

/// A member of the group. Takes its leave when it is dropped.
pub(super) struct Consumer {
    consumer: Arc<StreamConsumer<Group>>,
    leaving: TaskTracker,
}

impl Consumer {
    /// Joins the group of those who take in the directory's topics.
    pub(super) fn join(kafka: &KafkaConfig, leaving: TaskTracker) -> Result<Self, ClientError> {
        let consumer: StreamConsumer<Group> = client::config(kafka, "directory")
            .set("group.id", kafka.topic("docket-directory"))
            .set("partition.assignment.strategy", "cooperative-sticky")
            // Who is cut off is replaced as soon as brokers allow by default.
            .set("session.timeout.ms", "6000")
            .set("heartbeat.interval.ms", "2000")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            // Where the topic has nothing any more, or was made anew: whatever there is.
            .set("auto.offset.reset", "earliest")
            // Partitions that are added are noticed.
            .set("topic.metadata.refresh.interval.ms", "30000")
            // What waits in memory, and what comes at once.
            .set("queued.min.messages", "1000")
            .set("queued.max.messages.kbytes", "8192")
            .set("fetch.message.max.bytes", "1048576")
            .set("fetch.max.bytes", "8388608")
            .create_with_context(Group::default())?;
        let joined = Self { consumer: Arc::new(consumer), leaving };
        let topics = Kind::ALL.map(|kind| kafka.topic(kind.topic()));
        joined.consumer.subscribe(&topics.each_ref().map(String::as_str))?;
        Ok(joined)
    }

    /// A change that is not answered yet, else the next record. Nothing is lost when it is dropped.
    pub(super) async fn next(&self) -> Result<Next<'_>, ClientError> {
        loop {
            let message = tokio::select! {
                biased;
                change = self.consumer.context().changed() => return Ok(Next::Change(change)),
                message = self.consumer.recv() => message,
            };
            match message {
                Ok(message) => return Ok(Next::Record(message)),
                // The client goes on trying by itself, with longer and longer pauses.
                Err(error) if passes(&error) => tracing::debug!(%error, "brokers are away"),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Answers that the partitions are taken, each from its offset on.
    pub(super) async fn assign(&self, partitions: TopicPartitionList) -> Result<(), ClientError> {
        self.answer(move |consumer| consumer.incremental_assign(&partitions)).await
    }

    /// Answers that the partitions are let go.
    pub(super) async fn unassign(&self, partitions: TopicPartitionList) -> Result<(), ClientError> {
        self.answer(move |consumer| consumer.incremental_unassign(&partitions)).await
    }

    async fn answer(
        &self,
        call: impl FnOnce(&StreamConsumer<Group>) -> Result<(), KafkaError> + Send + 'static,
    ) -> Result<(), ClientError> {
        self.consumer.context().changes().pop_front();
        let consumer = Arc::clone(&self.consumer);
        // It waits for the client's own thread.
        let answered = tokio::task::spawn_blocking(move || call(&consumer)).await;
        Ok(answered.map_err(|_| KafkaError::Canceled)??)
    }

    /// Tells the group how far it has come, without waiting.
    pub(super) fn commit(&self, partitions: &TopicPartitionList) {
        if let Err(error) = self.consumer.commit(partitions, CommitMode::Async) {
            tracing::debug!(%error, "the group's offsets are not committed");
        }
    }
}

/// Whether the client gets over it by itself.
fn passes(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::Resolve
                | RDKafkaErrorCode::OperationTimedOut
        )
    )
}

impl Drop for Consumer {
    fn drop(&mut self) {
        let (consumer, token) = (Arc::clone(&self.consumer), self.leaving.token());
        consumer.context().closing.store(true, Ordering::SeqCst);
        // Leaving waits for the brokers, which nobody else shall do.
        let left = std::thread::Builder::new().name("directory-leaves".into()).spawn(move || {
            while let Some(change) = consumer.context().changes().pop_front() {
                consent(consumer.as_ref(), &change);
            }
            drop(consumer);
            drop(token);
        });
        if let Err(error) = left {
            tracing::warn!(%error, "the consumer group is not left in good order");
        }
    }
}

/// The partitions, as the rest of the program names them.
pub(super) fn named(kafka: &KafkaConfig, partitions: &TopicPartitionList) -> Vec<Partition> {
    let named = |(topic, number): &(String, i32)| Some((Kind::of_topic(kafka, topic)?, *number));
    partitions.to_topic_map().keys().filter_map(named).collect()
}
