//! A node to be started, and told what to do wrong.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tonic::service::Routes;

use crate::connections::Connections;
use crate::faults::Faults;
use crate::protocol::gossip::gossip_server::GossipServer;
use crate::protocol::server_features::server_features_server::ServerFeaturesServer;
use crate::protocol::streams::streams_server::StreamsServer;
use crate::service::{Node, Served};
use crate::store::{Expected, Proposed, Store};

/// What one message may hold.
const MAX_MESSAGE: usize = 17 * 1024 * 1024;

/// A running server. It stops when this is dropped.
pub struct StandIn {
    /// Where it is, for clients: `esdb://127.0.0.1:…?tls=false`.
    pub url: String,
    node: Arc<Node>,
}

/// What the nodes of a cluster share.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) store: Arc<Store>,
    members: Mutex<Members>,
}

/// The nodes, by their ports.
#[derive(Debug, Default)]
struct Members {
    ports: Vec<u16>,
    leader: u16,
}

impl Cluster {
    pub(crate) fn leader(&self) -> u16 {
        self.members().leader
    }

    pub(crate) fn ports(&self) -> Vec<u16> {
        self.members().ports.clone()
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StandIn {
    /// Starts a server with an empty log on a free port of this machine.
    ///
    /// Inside a tokio runtime, in which it then lives.
    pub fn start() -> io::Result<Self> {
        let store = Arc::new(Store::new());
        let stand_in = Self::join(Arc::new(Cluster { store, members: Mutex::default() }))?;
        stand_in.lead();
        Ok(stand_in)
    }

    /// Starts another node over the same log. It follows: whoever wants the leader is sent there.
    pub fn follower(&self) -> io::Result<Self> {
        Self::join(Arc::clone(&self.node.cluster))
    }

    fn join(cluster: Arc<Cluster>) -> io::Result<Self> {
        let connections = Connections::new()?;
        let port = connections.port();
        cluster.members().ports.push(port);
        let node = Node {
            cluster,
            port,
            faults: Faults::default(),
            connections,
            appends: AtomicU64::default(),
            reads: AtomicU64::default(),
            subscriptions: AtomicU64::default(),
        };
        let url = format!("esdb://127.0.0.1:{port}?tls=false");
        let stand_in = Self { url, node: Arc::new(node) };
        stand_in.listen()?;
        Ok(stand_in)
    }

    /// `127.0.0.1:…`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.node.port)
    }

    /// From now on this node leads its cluster, and the others follow.
    pub fn lead(&self) {
        self.node.cluster.members().leader = self.node.port;
    }

    /// Ends every connection and refuses new ones, as a stopped server does. What is committed stays.
    pub async fn refuse(&self) {
        self.node.connections.refuse().await;
    }

    /// Takes connections again after [`Self::refuse`]; those that there are end.
    pub async fn accept(&self) -> io::Result<()> {
        self.refuse().await;
        self.listen()
    }

    fn listen(&self) -> io::Result<()> {
        let served = Served(Arc::clone(&self.node));
        let streams = StreamsServer::new(served.clone()).max_decoding_message_size(MAX_MESSAGE);
        let routes = Routes::new(streams)
            .add_service(GossipServer::new(served.clone()))
            .add_service(ServerFeaturesServer::new(served));
        self.node.connections.listen(routes.prepare())
    }

    /// Whether it takes connections.
    pub fn is_accepting(&self) -> bool {
        self.node.connections.is_listening()
    }

    /// Stops and starts: every connection ends, and what is committed stays.
    pub async fn restart(&self) -> io::Result<()> {
        self.accept().await
    }

    /// Ends every connection, in the midst of whatever it carries.
    pub fn cut(&self) {
        self.node.connections.cut();
    }

    /// The next `count` appends are committed, and every connection is cut instead of an answer.
    pub fn lose_answers(&self, count: u64) {
        self.node.faults.lost_answers.store(count, Ordering::SeqCst);
    }

    /// Commits `count` appends more, and is then as if it had been stopped, before it answers the last
    /// of them. [`Self::accept`] starts it again.
    pub fn die_after(&self, count: u64) {
        self.node.faults.dies_after.store(count, Ordering::SeqCst);
    }

    /// Calls are taken and not answered, until [`Self::go_on`].
    pub fn hang(&self) {
        self.node.faults.hang.send_replace(true);
    }

    /// Answers the calls that hang, unless who made them has gone, and all later ones.
    pub fn go_on(&self) {
        self.node.faults.hang.send_replace(false);
    }

    /// The next `count` calls are answered that the server is too busy.
    pub fn be_busy(&self, count: u64) {
        self.node.faults.busy.store(count, Ordering::SeqCst);
    }

    /// Ends every subscription with the status OK, as if there were no more to come.
    pub fn end_subscriptions(&self) {
        self.node.faults.subscriptions_ended.send_modify(|times| *times += 1);
    }

    /// From now on, only who signs in as this user is served.
    pub fn require_credentials(&self, user: &str, password: &str) {
        self.node.faults.require(user, password);
    }

    /// Puts no more events of `$`-streams into the log. Before the first append, this makes the first
    /// event one at position 0.
    pub fn without_system_events(&self) {
        self.node.cluster.store.without_system_events();
    }

    /// Puts an event of somebody else into the log, without asking anybody.
    pub fn put(&self, stream: &str, event_type: &str, data: &str) {
        let content_type = ("content-type".to_owned(), "application/json".to_owned());
        let metadata = [("type".to_owned(), event_type.to_owned()), content_type];
        let event = Proposed {
            id: u128::from(self.node.appends.fetch_add(1, Ordering::SeqCst)) << 64,
            metadata: metadata.into(),
            custom_metadata: vec![],
            data: data.as_bytes().to_vec(),
        };
        // There is no version that "any" would not take.
        let _taken = self.node.cluster.store.append(stream, Expected::Any, vec![event]);
    }

    /// How many connections were taken.
    pub fn connections(&self) -> u64 {
        self.node.connections.accepted()
    }

    /// How many appends were decided on.
    pub fn appends(&self) -> u64 {
        self.node.appends.load(Ordering::SeqCst)
    }

    /// How many reads there were; subscriptions do not count.
    pub fn reads(&self) -> u64 {
        self.node.reads.load(Ordering::SeqCst)
    }

    /// How many subscriptions there were.
    pub fn subscriptions(&self) -> u64 {
        self.node.subscriptions.load(Ordering::SeqCst)
    }

    /// The stream, revision and type of each event in the log, in order, system events and all.
    pub fn log(&self) -> Vec<(String, u64, String)> {
        let events = self.node.cluster.store.lock();
        let seen = events.all.iter().map(|event| {
            let event_type = event.event.metadata.get("type").cloned().unwrap_or_default();
            (event.stream.clone(), event.revision, event_type)
        });
        seen.collect()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.node.connections.stop();
    }
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandIn").field("url", &self.url).finish_non_exhaustive()
    }
}
