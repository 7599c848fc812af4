//! From the log's tail to the rooms.

use std::time::Duration;

use events::LiveStreamId;
use serde::Serialize;
use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError, SocketIo};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::rooms::room;
use super::{NAMESPACE, metric};
use crate::App;

/// How long clients may take to hear that the process shuts down.
const GOODBYE: Duration = Duration::from_secs(1);
/// How long to wait before a client whose buffer is full is told again to go.
const RETRY: Duration = Duration::from_millis(250);

/// Pushes until `shutdown`, then sends every client away.
pub(super) async fn run(app: App, io: SocketIo, shutdown: CancellationToken) {
    shutdown.run_until_cancelled(follow(&app, &io)).await;
    // Who does not read is not waited for: the connection ends with the process.
    let _ = timeout(GOODBYE, io.close()).await;
}

async fn follow(app: &App, io: &SocketIo) {
    let _ = (app, io);
    std::future::pending::<()>().await;
}

/// Tells everybody in the live stream's room. A client that has left too much unread misses this, and
/// would not know: it is cut off instead.
fn tell(io: &SocketIo, live_stream: &LiveStreamId, event: &'static str, data: &impl Serialize) {
    let Some(all) = io.of(NAMESPACE) else { return };
    let mut told = 0;
    for socket in all.within(room(live_stream)).sockets() {
        match socket.emit(event, data) {
            Ok(()) => told += 1,
            Err(SendError::Socket(SocketError::InternalChannelFull)) => {
                metric::cut_off("slow");
                tokio::spawn(cut_off(socket));
            }
            // It went away this very moment.
            Err(_) => {}
        }
    }
    metric::pushed(event, told);
}

/// Disconnects a client as soon as it can be told, and pushes nothing to it meanwhile. One that reads
/// nothing at all is disconnected by the heartbeat.
pub(super) async fn cut_off(socket: SocketRef) {
    socket.leave_all();
    while socket.connected() && socket.clone().disconnect().is_err() {
        sleep(RETRY).await;
    }
}
