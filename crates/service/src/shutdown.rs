//! The end, asked for by a signal.

use std::sync::LazyLock;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Signals are the process's, and so is the second of them.
static HURRIED: LazyLock<CancellationToken> = LazyLock::new(CancellationToken::new);

/// A token that is cancelled by the signal after the one that [`on_signal`] tells of: whoever lets
/// work in flight finish then cuts it off.
pub fn hurried() -> &'static CancellationToken {
    &HURRIED
}

/// A token that is cancelled by the first SIGINT (Ctrl-C) or SIGTERM. Must be called inside a
/// runtime.
///
/// Where the system refuses to deliver signals the token is cancelled at once: a process that nobody
/// can stop in good order must not begin.
pub fn on_signal() -> CancellationToken {
    let token = CancellationToken::new();
    let (interrupt, terminate) =
        match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
            (Ok(interrupt), Ok(terminate)) => (interrupt, terminate),
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(%error, "cannot listen for signals");
                token.cancel();
                return token;
            }
        };
    let (mut interrupt, mut terminate, cancelled) = (interrupt, terminate, token.clone());
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => tracing::info!("SIGINT: shutting down"),
            _ = terminate.recv() => tracing::info!("SIGTERM: shutting down"),
        }
        cancelled.cancel();
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::warn!("a second signal: not waiting for what is in flight");
        HURRIED.cancel();
    });
    token
}
