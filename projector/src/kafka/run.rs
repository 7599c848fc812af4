//! Everything that is done with Kafka beside the projections.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::config::KafkaConfig;
use super::relay::Relay;
use super::{directory, lag};
use crate::reactor::{self, Reactor};
use crate::run::{Projector, restarted};

/// How long a consumer may take to leave its group, so that others take over at once.
const LEAVING: Duration = Duration::from_secs(5);

/// Relays the log and takes the directory's topics in until `shutdown`, through every outage of the
/// brokers; does nothing where there are none. Commands and projections do not notice.
pub async fn run(projector: Projector, kafka: KafkaConfig, shutdown: CancellationToken) {
    if kafka.brokers.is_none() {
        return shutdown.cancelled().await;
    }
    let (mut tasks, leaving) = (JoinSet::new(), TaskTracker::new());
    let (watched, brokers) = (projector.clone(), kafka.clone());
    tasks.spawn(restarted("lag", move || lag::watch(watched.clone(), brokers.clone())));
    let watched = projector.clone();
    tasks.spawn(restarted("parked records", move || directory::watch(watched.clone())));
    let (keeper, settings, left) = (projector.clone(), kafka.clone(), leaving.clone());
    let keep = move || directory::keep(keeper.clone(), settings.clone(), left.clone());
    tasks.spawn(restarted("directory", keep));
    let relay: Arc<dyn Reactor> = Arc::new(Relay::new(kafka, Arc::clone(&projector.reader)));
    let keep = move || reactor::keep(projector.clone(), Arc::clone(&relay));
    tasks.spawn(restarted("relay", keep));
    shutdown.cancelled().await;
    // A batch that is cut off is sent again, or rolled back and landed, by whoever comes next.
    tasks.shutdown().await;
    leaving.close();
    if tokio::time::timeout(LEAVING, leaving.wait()).await.is_err() {
        tracing::warn!("the consumer group could not be left in good order");
    }
}
