//! One crypto provider for the whole process: aws-lc-rs.
//!
//! The client installs it as rustls' default when it is made for the first time, in a task of its own,
//! and dies where one is installed already; so does every later client of the process. Therefore it
//! gets to do so before anybody else, once, in a client that is made for nothing else and connects to
//! nobody. Later clients find it done.
//!
//! It also brings a library that has ring compiled in and uses it where no default is installed. From
//! here on, one is.

use std::io;

use eventstore::{Client, ClientSettings};
use rustls::crypto::CryptoProvider;
use tokio::runtime::Builder;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tracing::subscriber::NoSubscriber;

use crate::LogError;

/// With one attempt only, the client gives up before it connects.
const NOBODY: &str = "esdb://127.0.0.1:1?tls=false&tlsCAFile=/dev/null&maxDiscoverAttempts=1";

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProviderError {
    #[error(
        "a rustls crypto provider was installed before the event log was opened, which EventStoreDB's \
         client does not survive: open the log first, or install none"
    )]
    Taken,
    #[error("EventStoreDB's client did not install its crypto provider")]
    NotInstalled,
    #[error("EventStoreDB's client cannot be tried out")]
    NotTried(#[source] io::Error),
}

impl From<ProviderError> for LogError {
    fn from(error: ProviderError) -> Self {
        Self::Broken(std::sync::Arc::new(error))
    }
}

/// Has the client install its provider, unless it has done so before.
pub(super) async fn settle() -> Result<(), ProviderError> {
    static SETTLED: OnceCell<()> = OnceCell::const_new();
    let settle = async || {
        if CryptoProvider::get_default().is_some() {
            return Err(ProviderError::Taken);
        }
        spawn_blocking(first_client)
            .await
            .map_err(io::Error::other)
            .and_then(|tried| tried)
            .map_err(ProviderError::NotTried)?;
        let installed = CryptoProvider::get_default().map(|_| ());
        installed.ok_or(ProviderError::NotInstalled)
    };
    SETTLED.get_or_try_init(settle).await.copied()
}

/// Returns when a client has been made. That it connects to nobody is no news for a log file.
fn first_client() -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    tracing::subscriber::with_default(NoSubscriber::new(), || {
        let settings: ClientSettings = NOBODY.parse().map_err(io::Error::other)?;
        runtime.block_on(async {
            let client = Client::with_runtime_handle(handle, settings).map_err(io::Error::other)?;
            // Fails in any case, after the client has been made.
            drop(client.server_info().await);
            Ok(())
        })
    })
}
