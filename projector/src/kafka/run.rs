//! Everything that is done with Kafka beside the projections.

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::config::KafkaConfig;
use super::lag;
use super::relay::Relay;
use crate::reactor::{self, Reactor};
use crate::run::{Projector, restarted};

/// Relays the log until `shutdown`, through every outage of the brokers; does nothing where there are
/// none. Commands and projections do not notice.
pub async fn run(projector: Projector, kafka: KafkaConfig, shutdown: CancellationToken) {
    if kafka.brokers.is_none() {
        return shutdown.cancelled().await;
    }
    let mut tasks = JoinSet::new();
    let (watched, brokers) = (projector.clone(), kafka.clone());
    tasks.spawn(restarted("lag", move || lag::watch(watched.clone(), brokers.clone())));
    let relay: Arc<dyn Reactor> = Arc::new(Relay::new(kafka, Arc::clone(&projector.reader)));
    let keep = move || reactor::keep(projector.clone(), Arc::clone(&relay));
    tasks.spawn(restarted("relay", keep));
    shutdown.cancelled().await;
    // A batch that is cut off is sent again by whoever comes next.
    tasks.shutdown().await;
}
