//! What every page shares.

use std::fmt;
use std::sync::Arc;

use event_log::Position;
use tokio::time::timeout;
use web::Verifier;

use super::queue::Hub;
use super::{Commands, Guests, Provider};
use crate::App;
use crate::freshness::{MAX_WAIT, ReadModel};

/// The dashboard. Clones share it.
#[derive(Clone)]
pub struct Dashboard(Arc<Inner>);

struct Inner {
    app: App,
    verifier: Arc<Verifier>,
    commands: Commands,
    guests: Guests,
    provider: Option<Provider>,
    hub: Hub,
}

impl Dashboard {
    /// A dashboard over `app` that sends commands to the command API at `command_api`, an address without a
    /// path. `guests` may sign in without a token of their own, and everybody at the `provider`, where there
    /// is one. Must be called inside a runtime.
    pub fn new(
        app: App,
        verifier: Arc<Verifier>,
        command_api: &str,
        guests: Guests,
        provider: Option<Provider>,
    ) -> Result<Self, reqwest::Error> {
        let commands = Commands::new(command_api)?;
        let hub = Hub::start(app.clone());
        Ok(Self(Arc::new(Inner { app, verifier, commands, guests, provider, hub })))
    }

    pub(crate) fn app(&self) -> &App {
        &self.0.app
    }

    pub(super) fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    pub(super) fn commands(&self) -> &Commands {
        &self.0.commands
    }

    pub(super) fn guests(&self) -> &Guests {
        &self.0.guests
    }

    pub(super) fn provider(&self) -> Option<&Provider> {
        self.0.provider.as_ref()
    }

    /// What happens in the queue, for all who look at it.
    pub(super) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// Waits until `model` has come to `position`, but not for long: what was commanded a moment ago is to
    /// be seen, and an older state is better than none.
    pub(super) async fn settle(&self, model: ReadModel, position: Option<Position>) {
        if let Some(position) = position {
            let _ = timeout(MAX_WAIT, self.app().reach(model, position)).await;
        }
    }
}

impl fmt::Debug for Dashboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dashboard").finish_non_exhaustive()
    }
}
