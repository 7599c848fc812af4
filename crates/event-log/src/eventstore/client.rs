//! One client, together with all that it starts.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use eventstore::{Client, ClientSettings};
use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_blocking;

use super::address::Address;
use super::failure::CallError;

/// A call that takes longer may have waited for an acknowledgement: 40 ms at least.
const SLOW: Duration = Duration::from_millis(20);

/// How often a client's connections are looked for at most.
const SELDOM: Duration = Duration::from_secs(1);

/// A client on a runtime of its own, one thread strong.
///
/// The client's central task holds the sending end of its own queue, so it never ends by itself and
/// would keep its connections for as long as the program runs. Here it goes with the runtime, and the
/// runtime when the last call that uses it has ended. Nor does the platform's certificates being read,
/// which that task does in one go, hold up anybody else.
pub(super) struct Generation {
    pub(super) number: u64,
    client: Client,
    worked: AtomicBool,
    /// When its connections were last told to send at once.
    hurried: Mutex<Option<Instant>>,
    runtime: Mutex<Option<Runtime>>,
}

impl Generation {
    /// Connects to nothing yet: the first call does.
    pub(super) async fn make(address: &Address, number: u64) -> Result<Self, CallError> {
        let settings = address.settings.clone();
        spawn_blocking(move || Self::make_here(number, settings))
            .await
            .map_err(|error| CallError::NoClient(Arc::new(error)))?
    }

    /// Takes its time: certificates are read, of the platform at least.
    fn make_here(number: u64, settings: ClientSettings) -> Result<Self, CallError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("eventstore")
            .enable_all()
            .build()
            .map_err(|error| CallError::NoClient(Arc::new(error)))?;
        match Client::with_runtime_handle(runtime.handle().clone(), settings) {
            Ok(client) => {
                let (worked, runtime) = (AtomicBool::new(false), Mutex::new(Some(runtime)));
                Ok(Self { number, client, worked, hurried: Mutex::default(), runtime })
            }
            Err(error) => {
                runtime.shutdown_background();
                Err(CallError::NoClient(Arc::new(error)))
            }
        }
    }

    pub(super) fn client(&self) -> Client {
        self.client.clone()
    }

    /// The server has answered through it.
    pub(super) fn works(&self) {
        self.worked.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_worked(&self) -> bool {
        self.worked.load(Ordering::Relaxed)
    }

    /// Whether its connections should be told to send at once: when it has made its first, and when it
    /// is slow, because it may have made another, but not all the time.
    pub(super) fn delays(&self, took: Duration) -> bool {
        let mut hurried = self.hurried.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let due = match *hurried {
            None => true,
            Some(last) => took > SLOW && now.duration_since(last) > SELDOM,
        };
        if due {
            *hurried = Some(now);
        }
        due
    }

    /// Ends all that it has started.
    pub(super) fn end(&self) {
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = runtime {
            // Waiting for it is not possible here, and not needed.
            runtime.shutdown_background();
        }
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        self.end();
    }
}
