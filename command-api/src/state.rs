//! What every handler shares.

use std::fmt;
use std::sync::Arc;

use event_log::EventLog;
use service::SharedClock;

use crate::Directory;

/// What every handler shares. Clones are cheap and share it too.
#[derive(Clone)]
pub struct App {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) directory: Directory,
    pub(crate) clock: SharedClock,
}

impl App {
    /// Commands that append to `log`, look users and live streams up in `directory`, and take the
    /// time from `clock`.
    pub fn new(log: Arc<dyn EventLog>, directory: Directory, clock: SharedClock) -> Self {
        Self { log, directory, clock }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
