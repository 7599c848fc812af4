//! Sockets with limits: no client can hold a connection, a header or the end of the process hostage.

mod connections;
mod write_limit;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use clap::Args;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Open files beside connections of clients: database, logs, a second listener.
const OTHER_FILES: u64 = 1000;

/// What a listener allows its clients.
#[derive(Debug, Clone, Args)]
pub struct HttpLimits {
    /// Connections served at once, WebSockets among them; further ones wait in the system's queue.
    /// `HTTP_MAX_CONNECTIONS`, default 10000.
    #[arg(long, env = "HTTP_MAX_CONNECTIONS", default_value_t = 10_000, value_name = "COUNT")]
    pub http_max_connections: u16,
    /// Seconds that a client may take to send the headers of a request, and that a connection may
    /// idle between two. `HTTP_HEADER_TIMEOUT`, default 30.
    #[arg(long, env = "HTTP_HEADER_TIMEOUT", default_value_t = 30, value_name = "SECONDS")]
    pub http_header_timeout: u16,
    /// Seconds that a client may take none of an answer that waits for it.
    /// `HTTP_WRITE_TIMEOUT`, default 30.
    #[arg(long, env = "HTTP_WRITE_TIMEOUT", default_value_t = 30, value_name = "SECONDS")]
    pub http_write_timeout: u16,
    /// Seconds that requests in flight get to finish once the process shuts down.
    /// `HTTP_DRAIN_TIMEOUT`, default 10.
    #[arg(long, env = "HTTP_DRAIN_TIMEOUT", default_value_t = 10, value_name = "SECONDS")]
    pub http_drain_timeout: u16,
}

impl HttpLimits {
    fn header_timeout(&self) -> Duration {
        Duration::from_secs(self.http_header_timeout.into())
    }

    fn write_timeout(&self) -> Duration {
        Duration::from_secs(self.http_write_timeout.into())
    }

    /// How long a shutdown may take for the sake of clients.
    pub fn drain_timeout(&self) -> Duration {
        Duration::from_secs(self.http_drain_timeout.into())
    }
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            http_max_connections: 10_000,
            http_header_timeout: 30,
            http_write_timeout: 30,
            http_drain_timeout: 10,
        }
    }
}

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another process has the port.
    #[error("{0} is in use by another process: stop that one, or choose another address")]
    Busy(SocketAddr),
    /// Anything else, for instance a port below 1024 or an address of another machine.
    #[error("cannot listen on {address}: choose another address")]
    Refused {
        /// As configured.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// What handlers find among a request's extensions: cancelled when the listener is told to end. Whoever answers without
/// an end ends then, or the drain would wait in vain.
#[derive(Debug, Clone)]
pub struct Ending(pub CancellationToken);

/// Listens on `address`; port 0 means any free one.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => BindError::Busy(address),
        _ => BindError::Refused { address, source },
    })
}

/// Serves `router` with the default limits until `shutdown`, then lets the requests in flight finish.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
) -> io::Result<()> {
    serve_with(listener, router, shutdown, &HttpLimits::default()).await
}

/// Serves `router` until `shutdown`, then lets the requests in flight finish, as long as `limits`
/// allow. Handlers find the peer in `ConnectInfo<SocketAddr>`, and the shutdown in [`Ending`].
pub async fn serve_with(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    limits: &HttpLimits,
) -> io::Result<()> {
    raise_open_files(limits.http_max_connections.into());
    connections::serve(listener, router, shutdown, limits).await
}

/// Every connection is an open file, of which systems allow a process fewer by default than it may ask
/// for. Where that does not help either, connections beyond it wait as well.
fn raise_open_files(connections: u64) {
    let wanted = connections + OTHER_FILES;
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < wanted
        && let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, wanted.min(hard), hard)
    {
        tracing::warn!(%error, soft, wanted, "cannot raise the limit of open files");
    }
}
