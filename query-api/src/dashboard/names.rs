//! What the users and live streams are called that a page speaks of.
//!
//! Only of those that a use case has named already to whoever looks.

use std::collections::HashMap;

use events::{LiveStreamId, LiveStreamSnapshot, UserId, UserSnapshot};
use web::Problem;

use super::Dashboard;
use crate::error::QueryError;
use crate::read::directory;

/// A user, as a link shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) id: UserId,
    /// Their username; their id where they have none.
    pub(super) name: String,
}

/// A live stream, as a link shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) id: LiveStreamId,
    /// Its title; its id where it has none.
    pub(super) title: String,
}

/// What they are called.
#[derive(Debug, Default)]
pub(super) struct Names {
    users: HashMap<UserId, UserSnapshot>,
    live_streams: HashMap<LiveStreamId, LiveStreamSnapshot>,
}

impl Names {
    /// Looks all of them up at once.
    pub(super) async fn of(
        dashboard: &Dashboard,
        users: &[&UserId],
        live_streams: &[&LiveStreamId],
    ) -> Result<Self, Problem> {
        let pool = dashboard.app().pool();
        let users = directory::users(pool, users).await.map_err(QueryError::from)?;
        let live_streams = directory::live_streams(pool, live_streams).await;
        Ok(Self { users, live_streams: live_streams.map_err(QueryError::from)? })
    }

    pub(super) fn person(&self, id: &UserId) -> Person {
        Person::of(id, self.users.get(id))
    }

    pub(super) fn place(&self, id: &LiveStreamId) -> Place {
        Place::of(id, self.live_streams.get(id).map(|known| known.title.as_str()))
    }
}

impl Person {
    pub(super) fn of(id: &UserId, known: Option<&UserSnapshot>) -> Self {
        let name = known.map(|user| &user.username).filter(|name| !name.trim().is_empty());
        Self { id: id.clone(), name: name.cloned().unwrap_or_else(|| id.to_string()) }
    }
}

impl Place {
    pub(super) fn of(id: &LiveStreamId, title: Option<&str>) -> Self {
        let title = title.filter(|title| !title.trim().is_empty());
        Self { id: id.clone(), title: title.unwrap_or(id.as_str()).to_owned() }
    }
}
