//! What feeds the projections.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::config::{KafkaConfig, Source};
use super::source;
use crate::projection::Projection;
use crate::run::{Projector, run};

/// Keeps `projections` in step with the log until `shutdown`: at first hand as [`run()`] does, or by way
/// of the topic of events, as `kafka` says.
pub async fn project(
    projector: Projector,
    kafka: KafkaConfig,
    projections: Vec<Arc<dyn Projection>>,
    shutdown: CancellationToken,
) {
    match kafka.source {
        Source::Log => run(projector, projections, shutdown).await,
        Source::Kafka => source::run(projector, kafka, projections, shutdown).await,
    }
}
