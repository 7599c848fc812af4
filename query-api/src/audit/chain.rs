//! All events that are connected with a ban or a report: report → review → ban → its end.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use event_log::Position;
use serde::Serialize;
use sqlx::PgPool;
use utoipa::ToSchema;

use crate::read::links::{self, Keys, LinkRow};

/// Events of one chain. A client that gives all its requests one id connects everything it ever did.
const MOST: usize = 1_000;

/// How an event is connected with another one of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// It is of the ban or report that was asked for.
    Own,
    /// It led to the other.
    Cause,
    /// The other led to it.
    Effect,
    /// One is of the report that stands behind the ban that the other is of.
    Report,
    /// Both came of one request.
    Request,
    /// Both are of the same ban or report.
    Subject,
}

/// An event of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// How it is connected.
    pub how: How,
    /// The id of the event that it is connected with, when that is another.
    pub of: Option<String>,
}

/// Where the events of a chain stand, in log order, and whether there are more.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) links: BTreeMap<Position, Link>,
    pub(super) is_cut: bool,
}

/// What is connected with `own`, the nearest first when there is too much.
pub(super) async fn follow(
    pool: &PgPool,
    own: Vec<LinkRow>,
    until: Position,
) -> Result<Chain, sqlx::Error> {
    let is_cut = own.len() > MOST;
    let mut edge: Vec<LinkRow> = own.into_iter().take(MOST).collect();
    let start = |row: &LinkRow| (row.position, Link { how: How::Own, of: None });
    let mut chain = Chain { links: edge.iter().map(start).collect(), is_cut };
    let mut asked = Asked::default();
    while !edge.is_empty() && !chain.is_cut {
        let keys = asked.keys(&edge);
        // With what is known already, since that may be found again.
        let found = links::connected(pool, &keys, until, 2 * MOST + 1).await?;
        let new: Vec<LinkRow> =
            found.into_iter().filter(|row| !chain.links.contains_key(&row.position)).collect();
        let room = MOST - chain.links.len();
        chain.is_cut = new.len() > room;
        let new: Vec<LinkRow> = new.into_iter().take(room).collect();
        for row in &new {
            chain.links.insert(row.position, link(row, &edge));
        }
        edge = new;
    }
    Ok(chain)
}

/// What has been asked for already.
#[derive(Default)]
struct Asked {
    correlations: HashSet<String>,
    subjects: HashSet<String>,
}

impl Asked {
    /// What leads on from `edge`.
    fn keys(&mut self, edge: &[LinkRow]) -> Keys {
        let mut keys = Keys::default();
        for row in edge {
            keys.causes.insert(row.event_id);
            keys.events.extend(row.causation_id);
            if self.correlations.insert(row.correlation_id.clone()) {
                keys.correlations.insert(row.correlation_id.clone());
            }
            let subjects: BTreeSet<_> = [Some(&row.subject_id), row.report_id.as_ref()].into();
            for subject in subjects.into_iter().flatten() {
                if self.subjects.insert(subject.clone()) {
                    keys.subjects.insert(subject.clone());
                    keys.reports.insert(subject.clone());
                }
            }
        }
        keys
    }
}

/// How `row` is connected with what led to it; the closest connection counts.
fn link(row: &LinkRow, edge: &[LinkRow]) -> Link {
    let report = |ban: &LinkRow, of: &LinkRow| ban.report_id.as_ref() == Some(&of.subject_id);
    let closest = edge.iter().filter_map(|other| {
        let how = if row.causation_id == Some(other.event_id) {
            (0, How::Effect)
        } else if other.causation_id == Some(row.event_id) {
            (1, How::Cause)
        } else if report(row, other) || report(other, row) {
            (2, How::Report)
        } else if row.subject_id == other.subject_id {
            (3, How::Subject)
        } else if row.correlation_id == other.correlation_id {
            (4, How::Request)
        } else {
            return None;
        };
        Some((how, other.event_id))
    });
    match closest.min_by_key(|((rank, _), _)| *rank) {
        Some(((_, how), id)) => Link { how, of: Some(id.to_string()) },
        // Not to be: what was found was found by something.
        None => Link { how: How::Request, of: None },
    }
}
