//! The push over Socket.IO, spoken to in its own protocol over long polling. The official client and
//! WebSockets are tested where the whole program is.

mod client;
mod events;
mod limits;
mod origins;
mod rooms;
mod tokens;

use std::time::Duration;

use query_api::{App, PushConfig};
use service::Health;
use tokio_util::sync::CancellationToken;
use web::EdgeConfig;

use crate::support::{Stage, dashboard, master, verifier};
use client::Client;

/// A read side that pushes.
struct Pushing {
    stage: Stage,
    app: App,
    base: String,
    end: CancellationToken,
}

impl Pushing {
    async fn new() -> Self {
        Self::with(PushConfig::default(), Duration::from_secs(10)).await
    }

    /// With another configuration, and another limit of time at the edge.
    async fn with(config: PushConfig, time_out: Duration) -> Self {
        // Boxed, since setting the stage is a large future.
        let stage = Box::pin(Stage::new()).await;
        let end = CancellationToken::new();
        let (pool, clock) = (stage.another_pool(), stage.clock.clone());
        let app = App::start(stage.log.clone(), pool, master(), clock.clone(), end.clone());
        let verifier = verifier(&stage.clock).await;
        let edge = EdgeConfig { time_out, ..EdgeConfig::new(verifier.into(), clock) };
        let extra = query_api::extra(dashboard(&app, &edge.verifier), &edge, &config, &end);
        let base = testing::serve(web::edge(query_api::routes(app.clone()), edge, extra)).await;
        let health = Health::new();
        app.register(&health);
        testing::eventually("the read side to be ready", async || {
            health.report().values().all(|check| check.ok).then_some(())
        })
        .await;
        Self { stage, app, base, end }
    }

    /// A client in the namespace.
    async fn connect(&self, sub: &str) -> Client {
        let mut client = Client::open(&self.base).await;
        client.enter(&testing::tokens::token(sub, &[])).await.unwrap();
        client
    }
}
