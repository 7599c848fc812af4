//! Accepts connections and sees each to its end.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use super::write_limit::WriteLimit;
use super::{Ending, HttpLimits};
use crate::shutdown::hurried;

/// Bytes of a request's head. Room for the longest token that is worth an answer of its own (8 KiB)
/// and generous headers beside it; beyond it the answer is 431.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Header lines of a request; beyond it the answer is 431.
const MAX_HEADERS: usize = 100;

/// How long a connection on which no request ever began holds up the end. Browsers open such ones
/// in advance, and hyper would wait for their first request.
const UNUSED_GRACE: Duration = Duration::from_millis(500);

/// How long to wait when the system has no socket left, since the next try would fail as well.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    limits: &HttpLimits,
) -> io::Result<()> {
    let router: Router = router.with_state(());
    let places = Arc::new(Semaphore::new(limits.http_max_connections.max(1).into()));
    let open = TaskTracker::new();
    let cut_off = CancellationToken::new();
    while let Some((stream, peer, place)) =
        shutdown.run_until_cancelled(accept(&listener, &places)).await
    {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout())
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEAD_BYTES);
        let (router, ending) = (router.clone(), shutdown.clone());
        let write_timeout = limits.write_timeout();
        let connection = async move {
            // Answers are small and wait for nobody; a failure only costs speed.
            let _ = stream.set_nodelay(true);
            let stream = WriteLimit::new(stream, write_timeout).holding(place);
            serve_connection(&http, stream, peer, router, ending).await;
        };
        let cut_off = cut_off.clone();
        open.spawn(async move { cut_off.run_until_cancelled(connection).await });
    }
    drop(listener);
    open.close();
    let drained = tokio::time::timeout(limits.drain_timeout(), open.wait());
    let drained = tokio::select! {
        biased;
        drained = drained => drained.is_ok(),
        () = hurried().cancelled() => false,
    };
    if !drained {
        tracing::warn!(connections = open.len(), "cutting off requests that did not finish");
        cut_off.cancel();
        open.wait().await;
    }
    Ok(())
}

/// The next connection, as soon as there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there always is a permit.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) if is_the_peers(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Whether only this one connection failed.
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve_connection(
    http: &http1::Builder,
    stream: WriteLimit<TcpStream>,
    peer: SocketAddr,
    router: Router,
    ending: CancellationToken,
) {
    let used = AtomicBool::new(false);
    let told = Ending(ending.clone());
    let answer = service_fn(|mut request: hyper::Request<Incoming>| {
        used.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(told.clone());
        router.clone().call(request)
    });
    // A connection that a handler takes over, as a WebSocket, is the handler's from then on.
    let connection = http.serve_connection(TokioIo::new(stream), answer).with_upgrades();
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = ending.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                outcome = connection => outcome,
                () = unused(&used) => return,
            }
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%peer, %error, "connection ended early");
    }
}

/// Ends when no request has begun for long enough; never ends once one has.
async fn unused(used: &AtomicBool) {
    tokio::time::sleep(UNUSED_GRACE).await;
    if used.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}
