//! The node's socket: connections that can be refused and cut.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

/// Calls that one connection carries at once, as a server's default has it.
const CALLS: u32 = 100;

#[derive(Debug)]
pub(crate) struct Connections {
    address: SocketAddr,
    /// Keeps the port ours while nobody listens on it.
    _held: TcpSocket,
    listening: Mutex<Option<CancellationToken>>,
    /// Counts the cuts. A connection ends when it is no longer what it was at its start.
    cuts: watch::Sender<u64>,
    accepted: Arc<AtomicU64>,
}

impl Connections {
    /// Takes a free port. Connections are refused until [`Self::listen`].
    pub(crate) fn new() -> io::Result<Self> {
        let held = socket(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let address = held.local_addr()?;
        Ok(Self {
            address,
            _held: held,
            listening: Mutex::default(),
            cuts: watch::Sender::default(),
            accepted: Arc::default(),
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Serves `routes` until [`Self::refuse`].
    pub(crate) fn listen(&self, routes: Routes) -> io::Result<()> {
        let listener = socket(self.address)?.listen(1024)?;
        let stop = CancellationToken::new();
        let accepting = accept(listener, routes, self.cuts.subscribe(), Arc::clone(&self.accepted));
        tokio::spawn(stop.clone().run_until_cancelled_owned(accepting));
        *self.listening() = Some(stop);
        Ok(())
    }

    /// Ends every connection, and refuses new ones.
    pub(crate) fn refuse(&self) {
        if let Some(stop) = self.listening().take() {
            stop.cancel();
        }
        self.cut();
    }

    /// Ends every connection, in the midst of whatever it carries.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    fn listening(&self) -> MutexGuard<'_, Option<CancellationToken>> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn accept(
    listener: TcpListener,
    routes: Routes,
    cuts: watch::Receiver<u64>,
    accepted: Arc<AtomicU64>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        accepted.fetch_add(1, Ordering::SeqCst);
        let (routes, mut cuts) = (routes.clone(), cuts.clone());
        cuts.mark_unchanged();
        tokio::spawn(async move {
            tokio::select! {
                biased;
                _ = cuts.changed() => {}
                () = serve(stream, routes) => {}
            }
        });
    }
}

async fn serve(stream: TcpStream, routes: Routes) {
    // A connection that breaks is the client's affair.
    let _slow = stream.set_nodelay(true);
    let _broken = http2::Builder::new(TokioExecutor::new())
        .max_concurrent_streams(CALLS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes))
        .await;
}
