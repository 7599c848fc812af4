//! A ban, as every page shows it.

use events::ban::{Ban, RevokeCause};
use events::{BanId, LiveStreamId, Timestamp, UserId};
use web::Problem;

use crate::dashboard::Dashboard;
use crate::dashboard::names::{Names, Person, Place};
use crate::read::bans::BanRow;

/// A ban, and what those in it are called.
#[derive(Debug, Clone)]
pub(in crate::dashboard) struct BanLine {
    pub(in crate::dashboard) ban: Ban,
    pub(in crate::dashboard) target: Person,
    pub(in crate::dashboard) live_stream: Place,
    pub(in crate::dashboard) created_by: Option<Person>,
    pub(in crate::dashboard) standing: Standing,
    /// When it ended, and who ended it.
    pub(in crate::dashboard) ended: Option<(Timestamp, Option<Person>)>,
    /// Seconds until it ends by itself, while it is in force.
    pub(in crate::dashboard) left: Option<i64>,
    /// With which a form to revoke it commands.
    pub(in crate::dashboard) key: String,
}

/// What has become of a ban.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dashboard) enum Standing {
    Active,
    Revoked,
    Expired,
    Superseded,
}

impl Standing {
    /// The key of its text.
    pub(in crate::dashboard) fn key(self) -> &'static str {
        match self {
            Self::Active => "bans-standing-active",
            Self::Revoked => "bans-standing-revoked",
            Self::Expired => "bans-standing-expired",
            Self::Superseded => "bans-standing-superseded",
        }
    }

    pub(in crate::dashboard) fn is_active(self) -> bool {
        self == Self::Active
    }
}

impl BanLine {
    /// `rows`, with names.
    pub(in crate::dashboard) async fn of(
        dashboard: &Dashboard,
        rows: &[BanRow],
    ) -> Result<Vec<Self>, Problem> {
        let users: Vec<&UserId> = rows.iter().flat_map(involved).collect();
        let live_streams: Vec<&LiveStreamId> =
            rows.iter().map(|row| &row.ban.live_stream_id).collect();
        let names = Names::of(dashboard, &users, &live_streams).await?;
        let now = dashboard.app().now();
        let key = || dashboard.app().new_id().to_string();
        Ok(rows.iter().map(|row| Self::new(row, &names, now, key())).collect())
    }

    fn new(row: &BanRow, names: &Names, now: Timestamp, key: String) -> Self {
        let BanRow { ban, lifted, target } = row;
        let ran_out = ban.expires_at.filter(|end| *end <= now).map(|end| (end, None));
        let (standing, ended) = match lifted {
            Some(lifted) => {
                let by = lifted.by.as_ref().map(|by| names.person(by));
                (Standing::of(lifted.cause), Some((lifted.at, by)))
            }
            // Its event may be still to come.
            None if ran_out.is_some() => (Standing::Expired, ran_out),
            None => (Standing::Active, None),
        };
        let left = |end: Timestamp| (end.to_utc() - now.to_utc()).num_seconds();
        Self {
            target: Person::of(&ban.target_user_id, target.as_ref()),
            live_stream: names.place(&ban.live_stream_id),
            created_by: ban.created_by.as_ref().map(|by| names.person(by)),
            standing,
            ended,
            left: ban.expires_at.filter(|_| standing.is_active()).map(left),
            key,
            ban: ban.clone(),
        }
    }

    /// The ban of this user on this live stream before it.
    pub(in crate::dashboard) fn earlier(&self) -> Option<BanId> {
        let ordinal = self.ban.id.ordinal();
        (ordinal > 1).then(|| BanId::of(self.ban.id.stream_key(), ordinal - 1))
    }

    /// The ban that took its place.
    pub(in crate::dashboard) fn successor(&self) -> Option<BanId> {
        self.ban.id.next().filter(|_| self.standing == Standing::Superseded)
    }
}

impl Standing {
    fn of(cause: RevokeCause) -> Self {
        match cause {
            RevokeCause::Manual => Self::Revoked,
            RevokeCause::Expired => Self::Expired,
            RevokeCause::Superseded => Self::Superseded,
        }
    }
}

fn involved(row: &BanRow) -> impl Iterator<Item = &UserId> {
    let ended_by = row.lifted.as_ref().and_then(|lifted| lifted.by.as_ref());
    row.ban.created_by.iter().chain(ended_by)
}
