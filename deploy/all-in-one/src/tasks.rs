//! The tasks of a process, none of which may die unnoticed.

use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};

use crate::DocketError;

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// Running tasks, by name.
#[derive(Default)]
pub(crate) struct Tasks {
    running: JoinSet<Outcome>,
    names: HashMap<Id, &'static str>,
}

/// It ended though nobody had told it to.
#[derive(Debug, thiserror::Error)]
#[error("it had nothing more to do")]
struct Idle;

impl Tasks {
    pub(crate) fn spawn<E>(
        &mut self,
        name: &'static str,
        task: impl Future<Output = Result<(), E>> + Send + 'static,
    ) where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let handle = self.running.spawn(async move { task.await.map_err(Into::into) });
        self.names.insert(handle.id(), name);
    }

    /// Ends with the first task that does, which none should.
    pub(crate) async fn ended(&mut self) -> DocketError {
        let Some(joined) = self.running.join_next_with_id().await else {
            return std::future::pending().await;
        };
        let (role, outcome) = outcome(&self.names, joined);
        DocketError::Ended { role, source: outcome.err().unwrap_or_else(|| Idle.into()) }
    }

    /// Waits for all tasks, which have been told to end, and cuts off those that do not within
    /// `patience`. Answers the first error.
    pub(crate) async fn finish(mut self, patience: Duration) -> Result<(), DocketError> {
        let mut first = Ok(());
        let all = async {
            while let Some(joined) = self.running.join_next_with_id().await {
                let (role, outcome) = outcome(&self.names, joined);
                let ended = outcome.map_err(|source| DocketError::Ended { role, source });
                first = std::mem::replace(&mut first, Ok(())).and(ended);
            }
        };
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::warn!(tasks = self.running.len(), "cutting off tasks that did not end");
            self.running.shutdown().await;
        }
        first
    }
}

/// Which task ended, and how.
fn outcome(
    names: &HashMap<Id, &'static str>,
    joined: Result<(Id, Outcome), JoinError>,
) -> (&'static str, Outcome) {
    let (id, outcome) = match joined {
        Ok(ended) => ended,
        Err(error) => (error.id(), Err(error.into())),
    };
    (names.get(&id).copied().unwrap_or("a task"), outcome)
}
