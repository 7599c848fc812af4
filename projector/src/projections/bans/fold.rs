//! What a run of events makes of the bans.

use std::collections::BTreeMap;

use events::Timestamp;
use events::ban::{BanCreated, BanEvent, BanRevoked, RevokeCause};

use super::rows::BanRow;
use crate::error::ApplyError;
use crate::projection::LoggedEvent;

/// (live stream, action type, state) to the change in the number of such bans.
pub(super) type Counts = BTreeMap<(String, String, &'static str), i64>;

/// The state of a ban that no event has ended.
const UNREVOKED: &str = "unrevoked";

/// The bans that the events touch.
#[derive(Debug, Default)]
pub(super) struct Folded {
    bans: BTreeMap<String, Entry>,
    /// How the numbers of bans change.
    pub(super) counts: Counts,
}

#[derive(Debug)]
struct Entry {
    row: BanRow,
    created: bool,
}

impl Folded {
    /// Those that are new to the table.
    pub(super) fn created(&self) -> Vec<&BanRow> {
        self.bans.values().filter(|entry| entry.created).map(|entry| &entry.row).collect()
    }

    /// Those that the table holds already.
    pub(super) fn changed(&self) -> Vec<&BanRow> {
        self.bans.values().filter(|entry| !entry.created).map(|entry| &entry.row).collect()
    }

    /// A state that comes to nothing within the events still gets its row, so that the tables do
    /// not depend on how the log is cut into pages.
    fn count(&mut self, ban: &BanRow, state: &'static str, by: i64) {
        for live_stream in ["", &ban.live_stream_id] {
            let key = (live_stream.to_owned(), ban.action_type.clone(), state);
            *self.counts.entry(key).or_default() += by;
        }
    }
}

/// The ids of the bans that end.
pub(super) fn revoked_ids(events: &[(&LoggedEvent, &BanEvent)]) -> Vec<String> {
    let revoked = |(_, event): &(_, &BanEvent)| match event {
        BanEvent::Revoked(revoked) => Some(revoked.ban_id.to_string()),
        BanEvent::Created(_) => None,
    };
    events.iter().filter_map(revoked).collect()
}

/// Takes `events` in, given the bans that they end as far as the table has `known` them before.
pub(super) fn fold(
    known: Vec<BanRow>,
    events: &[(&LoggedEvent, &BanEvent)],
) -> Result<Folded, ApplyError> {
    let entry = |row: BanRow| (row.id.clone(), Entry { row, created: false });
    let bans = known.into_iter().map(entry).collect();
    let mut folded = Folded { bans, ..Folded::default() };
    for (logged, event) in events {
        match event {
            BanEvent::Created(created) => create(&mut folded, logged, created)?,
            BanEvent::Revoked(revoked) => revoke(&mut folded, logged, revoked)?,
        }
    }
    Ok(folded)
}

fn create(
    folded: &mut Folded,
    logged: &LoggedEvent,
    created: &BanCreated,
) -> Result<(), ApplyError> {
    let at = logged.occurred_at().to_utc();
    let row = BanRow {
        id: created.ban_id.to_string(),
        live_stream_id: created.live_stream_id.to_string(),
        target_user_id: created.target_user_id.to_string(),
        action_type: created.action_type.as_str().to_owned(),
        reason: created.reason.as_ref().map(|reason| reason.as_str().to_owned()),
        created_by: logged.actor().map(ToString::to_string),
        created_at: at,
        expires_at: created.expires_at.map(Timestamp::to_utc),
        report_id: created.report_id.map(|id| id.to_string()),
        revoked_at: None,
        revoked_by: None,
        revoke_cause: None,
        updated_at: at,
        position: logged.row_position(),
    };
    folded.count(&row, UNREVOKED, 1);
    match folded.bans.insert(row.id.clone(), Entry { row, created: true }) {
        None => Ok(()),
        Some(twice) => Err(contradiction(&twice.row.id, "is there already")),
    }
}

fn revoke(
    folded: &mut Folded,
    logged: &LoggedEvent,
    revoked: &BanRevoked,
) -> Result<(), ApplyError> {
    let id = revoked.ban_id.to_string();
    let entry = folded.bans.get_mut(&id).ok_or_else(|| contradiction(&id, "is not there"))?;
    let ban = &mut entry.row;
    if ban.revoked_at.is_some() {
        return Err(contradiction(&id, "has ended already"));
    }
    let occurred_at = logged.occurred_at().to_utc();
    // A ban that ran out did so at its time, however late the sweeper came.
    let at = match revoked.cause {
        RevokeCause::Expired => ban.expires_at.unwrap_or(occurred_at),
        RevokeCause::Manual | RevokeCause::Superseded => occurred_at,
    };
    // Nor did anybody end it, even when the event came with the command of somebody who bans anew.
    ban.revoked_by = match revoked.cause {
        RevokeCause::Expired => None,
        RevokeCause::Manual | RevokeCause::Superseded => logged.actor().map(ToString::to_string),
    };
    ban.revoked_at = Some(at);
    ban.revoke_cause = Some(revoked.cause.as_str().to_owned());
    ban.updated_at = at;
    ban.position = logged.row_position();
    let ban = ban.clone();
    folded.count(&ban, UNREVOKED, -1);
    folded.count(&ban, revoked.cause.as_str(), 1);
    Ok(())
}

fn contradiction(id: &str, what: &str) -> ApplyError {
    ApplyError::Contradiction(format!("ban {id} {what}"))
}
