//! Whether brokers answer.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::producer::{FutureProducer, Producer};
use tokio::task::spawn_blocking;

use super::client::{self, ClientError, Logs};
use super::config::{EVENTS, KafkaConfig};
use super::ending::Ending;

/// Longer than a broker takes for an answer from memory.
const ANSWER: Duration = Duration::from_secs(2);

/// Asks the brokers whether they are there. Stand-bys know it as well, which is why the relay's own
/// client does not tell.
pub(super) struct Reach {
    kafka: KafkaConfig,
    /// A producer that sends nothing, because it has a thread that hears the errors that its connections
    /// meet: of another client they would pile up.
    client: Option<Arc<Ending<FutureProducer<Logs>>>>,
}

impl Reach {
    pub(super) fn new(kafka: KafkaConfig) -> Self {
        Self { kafka, client: None }
    }

    /// Whether a broker answers now.
    pub(super) async fn look(&mut self) -> bool {
        let client = match self.client() {
            Ok(client) => client,
            Err(error) => {
                tracing::debug!(%error, "no client to look for brokers with");
                return false;
            }
        };
        let topic = self.kafka.topic(EVENTS);
        // Blocks until there is an answer. That of one topic, also of one that is not there yet, is small.
        let asking =
            spawn_blocking(move || client.client().fetch_metadata(Some(&topic), ANSWER).is_ok());
        asking.await.unwrap_or(false)
    }

    fn client(&mut self) -> Result<Arc<Ending<FutureProducer<Logs>>>, ClientError> {
        if let Some(client) = &self.client {
            return Ok(Arc::clone(client));
        }
        let client = client::config(&self.kafka, "watch").create_with_context(Logs)?;
        Ok(Arc::clone(self.client.insert(Arc::new(Ending::new(client)))))
    }
}
