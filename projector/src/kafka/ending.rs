//! Where clients end.

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

/// A client whose end blocks: it waits for threads of its own, and for what it still has in hand. It
/// ends on a thread that may block, wherever it is dropped; a time-out drops it in the midst of the
/// runtime.
#[derive(Debug)]
pub(crate) struct Ending<T> {
    client: Arc<T>,
    /// Never said anything through. Below `client`, because fields go in this order: when this one
    /// goes, the keeper has the last `client`.
    _gone: oneshot::Sender<Infallible>,
}

impl<T: Send + Sync + 'static> Ending<T> {
    /// Sees to the end of `client`.
    pub(crate) fn new(client: T) -> Self {
        let client = Arc::new(client);
        let keeper = Arc::clone(&client);
        let (gone, seen) = oneshot::channel();
        tokio::spawn(async move {
            let Err(_) = seen.await;
            spawn_blocking(move || drop(keeper));
        });
        Self { client, _gone: gone }
    }
}

impl<T> Deref for Ending<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.client
    }
}

#[cfg(test)]
mod tests {
    use std::thread::{self, ThreadId};

    use super::*;

    struct Witness(Option<oneshot::Sender<ThreadId>>);

    impl Drop for Witness {
        fn drop(&mut self) {
            self.0.take().unwrap().send(thread::current().id()).unwrap();
        }
    }

    #[tokio::test]
    async fn a_client_never_ends_on_a_thread_of_the_runtime() {
        for _ in 0..100 {
            let (told, end) = oneshot::channel();
            drop(Ending::new(Witness(Some(told))));
            assert_ne!(end.await.unwrap(), thread::current().id());
        }
    }
}
