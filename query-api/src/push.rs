//! Bans, pushed over Socket.IO to the clients that are in a live stream (`docs/push.md`).
//!
//! [`gate`] stands before every request: origins, places, how long a poll may wait. [`connect`] asks whose
//! token it is when a session enters the namespace, [`rooms`] answers what the client sends from then
//! on, and [`deliver`] follows the log's tail and pushes what concerns a room to whoever is in it. To add
//! an event that clients are told: a variant of [`message::Message`].
//!
//! **Architecture Invariant:** every instance pushes what it reads from the log to its own sockets, so
//! instances know nothing of each other and there is no broker between them. Nothing that a client sends
//! is passed on to another.

mod config;
mod connect;
mod deliver;
mod gate;
mod message;
mod metric;
mod origins;
mod rooms;
mod session;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use chrono::{DateTime, Utc};
use service::SharedClock;
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::{ParserConfig, SocketIo};
use tokio_util::sync::CancellationToken;
use web::{EdgeConfig, Verifier};

pub use config::PushConfig;

use crate::App;
use connect::Auth;
use gate::Gate;
use session::Places;

/// Where Socket.IO is spoken: the official client's own default.
const PATH: &str = "/socket.io/";
/// The one namespace.
const NAMESPACE: &str = "/live-stream";
/// Bytes of one message from a client; a token has 8 KiB at most.
const MAX_PAYLOAD: u16 = 16 * 1024;
/// Packets that wait for one client. Whoever leaves more unread has missed something, and is cut off.
const BUFFER: usize = 64;
/// A session that has not entered the namespace by then is closed.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// As Socket.IO's own: how often a client is asked whether it is there, and how long it may take to say so.
const PING_INTERVAL: Duration = Duration::from_secs(25);
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the change from polling to a WebSocket may take.
const UPGRADE_WITHIN: Duration = Duration::from_secs(10);
/// Bytes read ahead on a WebSocket; clients send little.
const READ_BUFFER: usize = 1024;

/// What connecting and joining need.
struct Push {
    app: App,
    verifier: Arc<Verifier>,
    clock: SharedClock,
    places: Arc<Places>,
}

impl Push {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// The route of Socket.IO, and the task behind it, which ends with `shutdown`: every client is then told
/// to go, and polls that wait are answered, so that nothing holds up the drain.
pub(crate) fn routes(
    app: &App,
    edge: &EdgeConfig,
    config: &PushConfig,
    shutdown: CancellationToken,
) -> Router {
    let places = Places::new(config);
    let (engine, io) = engine();
    let push = Push {
        app: app.clone(),
        verifier: Arc::clone(&edge.verifier),
        clock: Arc::clone(&edge.clock),
        places: Arc::clone(&places),
    };
    let push = Arc::new(push);
    let connect = move |io: SocketIo, socket: SocketRef, TryData(auth): TryData<Auth>| {
        push.connect(io, socket, auth)
    };
    io.ns(NAMESPACE, entered.with(connect));
    app.spawn(deliver::run(app.clone(), io, shutdown.clone()), shutdown.clone());

    let gate = Gate::new(edge, config, places, shutdown);
    engine.layer(from_fn_with_state(Arc::new(gate), gate::admit)).layer(config.push_origins.cors())
}

/// All is done before the client is told that it is connected: what it sends next is then listened to.
async fn entered() {}

fn engine() -> (Router, SocketIo) {
    // No packet of ours has a binary part.
    let parser = ParserConfig::common().max_incoming_binaries(0).max_incoming_binary_buf_size(0);
    let (service, io) = SocketIo::builder()
        .with_parser(parser)
        .max_payload(MAX_PAYLOAD.into())
        .ws_max_message_size(MAX_PAYLOAD.into())
        .ws_max_frame_size(MAX_PAYLOAD.into())
        .ws_read_buffer_size(READ_BUFFER)
        .max_buffer_size(BUFFER)
        .connect_timeout(CONNECT_WITHIN)
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
        .upgrade_timeout(UPGRADE_WITHIN)
        .build_svc();
    (Router::new().route_service(PATH, service), io)
}
