//! No answer is waited for without end: a connection that swallows everything looks like a slow one.

use std::time::Duration;

use crate::error::ProjectorError;

/// For a statement that waits for nobody.
pub(crate) const PROMPT: Duration = Duration::from_secs(15);

/// For what may have to wait until a page has landed, which takes no longer than two minutes.
pub(crate) const BEHIND_A_PAGE: Duration = Duration::from_mins(3);

/// For a sample of a whole table.
pub(crate) const ANALYSIS: Duration = Duration::from_mins(15);

/// What `step` comes to, unless that takes longer than `limit`.
pub(crate) async fn within<T, E>(
    limit: Duration,
    step: impl Future<Output = Result<T, E>>,
) -> Result<T, ProjectorError>
where
    ProjectorError: From<E>,
{
    match tokio::time::timeout(limit, step).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(ProjectorError::TimedOut),
    }
}
