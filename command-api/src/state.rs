//! What every handler shares.

use std::fmt;
use std::sync::Arc;

use event_log::EventLog;
use service::SharedClock;

use crate::reads::Reads;
use crate::{Directory, Sealing};

/// What every handler shares. Clones are cheap and share it too.
#[derive(Clone)]
pub struct App {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) directory: Directory,
    pub(crate) reads: Reads,
    pub(crate) sealing: Sealing,
    pub(crate) clock: SharedClock,
}

impl App {
    /// Commands that append to `log` what `sealing` has sealed, look users and live streams up in
    /// `directory`, and take the time from `clock`. Must be called inside a runtime.
    pub fn new(
        log: Arc<dyn EventLog>,
        directory: Directory,
        sealing: Sealing,
        clock: SharedClock,
    ) -> Self {
        let reads = Reads::spawn(Arc::clone(&log), sealing.clone(), directory.clone());
        Self { log, directory, reads, sealing, clock }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
