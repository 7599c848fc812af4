//! The client that is in use, and its successors.
//!
//! A client whose first connection fails is dead for good; one in a cluster stays with its node, up or
//! down; one whose connection hangs says so too late. So no client is trusted after a failure: the
//! next call is made with a new one. Calls that are under way with the old one run to their end there.

use std::collections::BTreeSet;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eventstore::{Client, Credentials};
use futures_util::FutureExt;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::address::Address;
use super::client::Generation;
use super::failure::{CallError, Failure};
use super::{nodelay, provider};
use crate::LogError;

/// The pause after a failed try. Each is twice as long as the one before it, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// The longest pause between two clients of which the first never worked: making one takes a few
/// milliseconds, and the server may be back at any time.
const LONGEST_RENEWAL: Duration = Duration::from_millis(250);

/// A call fails at the latest after this time, however little patience is left.
const SHORTEST_CALL: Duration = Duration::from_millis(10);

pub(super) struct Clients {
    address: Address,
    answer_within: Duration,
    current: Mutex<Arc<Generation>>,
    /// Where the servers listen that we have heard of.
    ports: Mutex<BTreeSet<u16>>,
    renewal: tokio::sync::Mutex<Renewal>,
}

/// When the next client may be made.
struct Renewal {
    not_before: Instant,
    pause: Duration,
}

/// A call without an answer, and whose it was.
pub(super) struct Failed {
    pub(super) error: CallError,
    generation: Arc<Generation>,
}

/// How long somebody goes on trying.
pub(super) struct Patience {
    pub(super) until: Instant,
    pause: Duration,
}

impl Patience {
    pub(super) fn of(time: Duration) -> Self {
        Self::until(Instant::now() + time)
    }

    pub(super) fn until(until: Instant) -> Self {
        Self { until, pause: FIRST_PAUSE }
    }
}

impl Clients {
    /// Makes the first client, and calls through it once, so that a set-up that can never work is told
    /// from a server that does not answer just now.
    pub(super) async fn start(address: Address, answer_within: Duration) -> Result<Self, LogError> {
        provider::settle().await?;
        let first = Generation::make(&address, 1).await?;
        let ports = address.settings.hosts().iter().filter_map(port).collect();
        let clients = Self {
            address,
            answer_within,
            current: Mutex::new(Arc::new(first)),
            ports: Mutex::new(ports),
            renewal: tokio::sync::Mutex::new(Renewal {
                not_before: Instant::now(),
                pause: FIRST_PAUSE,
            }),
        };
        let patience = Patience::of(answer_within);
        let tried = clients.call(&patience, async |client| client.server_info().await).await;
        match tried {
            // Only its central task's end closes a client, and this is the first who asks it.
            Err(Failed {
                error: CallError::Failed(eventstore::Error::ConnectionClosed), ..
            }) => Err(CallError::NoSetUp.into()),
            Err(failed) => {
                clients.renew(&failed).await;
                Ok(clients)
            }
            Ok(_) => Ok(clients),
        }
    }

    /// Ends the client in use. Nobody is to call any more.
    pub(super) async fn close(&self) {
        let _renewal = self.renewal.lock().await;
        self.current().end();
    }

    pub(super) fn credentials(&self) -> Option<Credentials> {
        self.address.credentials.clone()
    }

    /// One call, in limited time.
    pub(super) async fn call<T, F, Fut>(&self, patience: &Patience, work: F) -> Result<T, Failed>
    where
        F: FnOnce(Client) -> Fut,
        Fut: Future<Output = eventstore::Result<T>>,
    {
        let generation = Arc::clone(&*self.current());
        let left = patience.until.saturating_duration_since(Instant::now());
        let within = self.answer_within.min(left).max(SHORTEST_CALL);
        // The client unwraps what servers send.
        let working = AssertUnwindSafe(work(generation.client())).catch_unwind();
        let began = Instant::now();
        let error = match tokio::time::timeout(within, working).await {
            Ok(Ok(Ok(answer))) => {
                generation.works();
                self.hurry(&generation, began.elapsed()).await;
                return Ok(answer);
            }
            Ok(Ok(Err(error))) => CallError::Failed(error),
            Ok(Err(_panic)) => CallError::Panicked,
            Err(_elapsed) => CallError::Late,
        };
        if error.failure() == Failure::Lasting {
            generation.works();
        }
        Err(Failed { error, generation })
    }

    /// Has its connections send at once.
    async fn hurry(&self, generation: &Generation, took: Duration) {
        if !generation.delays(took) {
            return;
        }
        let ports = self.ports().clone();
        let told = spawn_blocking(move || nodelay::set(&ports)).await;
        if let Ok(Err(error)) = told {
            tracing::debug!(%error, "calls of the event log take longer than they must");
        }
    }

    /// Calls again and again while the outcome is unknown: for what may be done twice.
    pub(super) async fn insist<T, F, Fut>(
        &self,
        patience: &mut Patience,
        mut work: F,
    ) -> Result<T, CallError>
    where
        F: FnMut(Client) -> Fut,
        Fut: Future<Output = eventstore::Result<T>>,
    {
        loop {
            match self.call(patience, &mut work).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => self.recover(patience, failed).await?,
            }
        }
    }

    /// Makes ready for another try, after a pause; or gives the error back, when no try would help or
    /// patience is at its end.
    pub(super) async fn recover(
        &self,
        patience: &mut Patience,
        failed: Failed,
    ) -> Result<(), CallError> {
        let failure = failed.error.failure();
        if failure == Failure::Lasting {
            return Err(failed.error);
        }
        if failure == Failure::Suspect {
            self.renew(&failed).await;
        }
        if let CallError::Failed(eventstore::Error::NotLeaderException(leader)) = &failed.error {
            self.ports().extend(port(leader));
        }
        if Instant::now() + patience.pause >= patience.until {
            return Err(failed.error);
        }
        metrics::counter!("docket_log_resends_total").increment(1);
        let error = Reason(&failed.error);
        if patience.pause == FIRST_PAUSE {
            tracing::warn!(%error, "the log did not answer; asking again");
        } else {
            tracing::debug!(%error, "the log did not answer; asking again");
        }
        tokio::time::sleep(patience.pause).await;
        patience.pause = LONGEST_PAUSE.min(patience.pause * 2);
        Ok(())
    }

    /// Replaces the client that failed, unless that has been done, or was done a moment ago. One at a
    /// time.
    async fn renew(&self, failed: &Failed) {
        let mut renewal = self.renewal.lock().await;
        let suspect = &failed.generation;
        let (current, now) = (self.current().number, Instant::now());
        if current != suspect.number || now < renewal.not_before {
            return;
        }
        let pause = if suspect.has_worked() { FIRST_PAUSE } else { renewal.pause * 2 };
        *renewal = Renewal { not_before: now + pause, pause: pause.min(LONGEST_RENEWAL) };
        match Generation::make(&self.address, current + 1).await {
            Ok(next) => *self.current() = Arc::new(next),
            Err(error) => tracing::warn!(%error, "no new client for the event log"),
        }
    }

    fn ports(&self) -> MutexGuard<'_, BTreeSet<u16>> {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> MutexGuard<'_, Arc<Generation>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn port(endpoint: &eventstore::Endpoint) -> Option<u16> {
    u16::try_from(endpoint.port).ok()
}

/// An error with what is behind it, in one line.
struct Reason<'a>(&'a CallError);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        match std::error::Error::source(self.0) {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients")
            .field("generation", &self.current().number)
            .finish_non_exhaustive()
    }
}
