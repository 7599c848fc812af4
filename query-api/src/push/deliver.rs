//! From the log's tail to the rooms.

use std::error::Error;
use std::time::Duration;

use event_log::Position;
use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError, SocketIo};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::message::Message;
use super::rooms::room;
use super::{NAMESPACE, metric};
use crate::App;
use crate::error::QueryError;
use crate::tail::{LiveEvent, Lost};

/// How long clients may take to hear that the process shuts down.
const GOODBYE: Duration = Duration::from_secs(1);
/// Events that are read from the log at once, and how long that may take.
const PAGE: u32 = 500;
const PAGE_WITHIN: Duration = Duration::from_secs(5);
/// How long to wait after a failure, and before a client whose buffer is full is told again to go.
const RETRY: Duration = Duration::from_millis(250);

/// Pushes until `shutdown`, then sends every client away.
pub(super) async fn run(app: App, io: SocketIo, shutdown: CancellationToken) {
    shutdown.run_until_cancelled(follow(&app, &io)).await;
    // Who does not read is not waited for: the connection ends with the process.
    let _ = timeout(GOODBYE, io.close()).await;
}

async fn follow(app: &App, io: &SocketIo) {
    let mut subscription = app.tail().subscribe().await;
    loop {
        match subscription.next().await {
            Ok(event) => tell(io, &event),
            Err(Lost::Lagged) => {
                let missed = subscription.position();
                subscription = app.tail().subscribe().await;
                catch_up(app, io, missed, subscription.position()).await;
            }
            Err(Lost::Closed) => return,
        }
    }
}

/// Reads from the log what the tail did not bring, however long that takes: clients are connected, and
/// believe that they know who is banned.
async fn catch_up(app: &App, io: &SocketIo, mut after: Position, until: Position) {
    while after < until {
        match timeout(PAGE_WITHIN, page(app, after)).await {
            Ok(Ok(events)) => {
                let Some(last) = events.last() else { return };
                after = last.position;
                let missed = events.iter().filter(|event| event.position <= until);
                missed.for_each(|event| tell(io, event));
                continue;
            }
            Ok(Err(error)) => warn(&error),
            Err(elapsed) => warn(&elapsed),
        }
        sleep(RETRY).await;
    }
}

/// The next events behind `after`, completed.
async fn page(app: &App, after: Position) -> Result<Vec<LiveEvent>, QueryError> {
    let read = app.reader().read_all(after, PAGE).await?;
    app.source().complete(&read.events).await
}

fn warn(error: &(dyn Error + 'static)) {
    tracing::warn!(error, "cannot read yet what was not pushed");
}

/// Tells everybody in the live stream's room. A client that has left too much unread misses this, and
/// would not know: it is cut off instead.
fn tell(io: &SocketIo, event: &LiveEvent) {
    let Some(content) = &event.content else { return };
    let (Some(message), Some(all)) = (Message::of(content), io.of(NAMESPACE)) else { return };
    let mut told = 0;
    for socket in all.within(room(&content.live_stream_id)).sockets() {
        match socket.emit(message.name(), &message) {
            Ok(()) => told += 1,
            Err(SendError::Socket(SocketError::InternalChannelFull)) => {
                cut_off(socket, "slow");
            }
            // It went away this very moment.
            Err(_) => {}
        }
    }
    metric::pushed(message.name(), told);
}

/// Marks a socket that is cut off, for as long as it is there to be told.
#[derive(Clone)]
struct CutOff;

/// Disconnects a client as soon as it can be told, and pushes nothing to it meanwhile. One that reads
/// nothing at all is disconnected by the heartbeat.
pub(super) fn cut_off(socket: SocketRef, why: &'static str) {
    if socket.extensions.insert(CutOff).is_some() {
        return;
    }
    metric::cut_off(why);
    socket.leave_all();
    tokio::spawn(async move {
        while socket.connected() && socket.clone().disconnect().is_err() {
            sleep(RETRY).await;
        }
    });
}

/// Whether the client is cut off already: what it still sends counts for nothing.
pub(super) fn is_cut_off(socket: &SocketRef) -> bool {
    socket.extensions.get::<CutOff>().is_some()
}
