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
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

/// Calls that one connection carries at once, as a server's default has it.
const CALLS: u32 = 100;

#[derive(Debug)]
pub(crate) struct Connections {
    address: SocketAddr,
    /// Keeps the port ours while nobody listens on it.
    _held: TcpSocket,
    listening: Mutex<Option<Listening>>,
    /// Counts the cuts. A connection ends when it is no longer what it was at its start.
    cuts: watch::Sender<u64>,
    accepted: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Listening {
    stop: CancellationToken,
    task: JoinHandle<Option<()>>,
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

    /// Serves `routes` until [`Self::stop`].
    pub(crate) fn listen(&self, routes: Routes) -> io::Result<()> {
        let listener = socket(self.address)?.listen(1024)?;
        let stop = CancellationToken::new();
        let accepting = accept(listener, routes, self.cuts.subscribe(), Arc::clone(&self.accepted));
        let task = tokio::spawn(stop.clone().run_until_cancelled_owned(accepting));
        *self.listening() = Some(Listening { stop, task });
        Ok(())
    }

    pub(crate) fn is_listening(&self) -> bool {
        self.listening().as_ref().is_some_and(|listening| !listening.stop.is_cancelled())
    }

    /// Ends every connection, and takes no more, in a moment.
    pub(crate) fn stop(&self) {
        if let Some(listening) = &*self.listening() {
            listening.stop.cancel();
        }
        self.cut();
    }

    /// Ends every connection, and refuses new ones from the moment when it returns.
    pub(crate) async fn refuse(&self) {
        self.stop();
        let listening = self.listening().take();
        if let Some(Listening { task, .. }) = listening {
            // It was told to end, and holds the socket until then.
            let _ended = task.await;
        }
    }

    /// Ends every connection, in the midst of whatever it carries.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    fn listening(&self) -> MutexGuard<'_, Option<Listening>> {
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
