//! Look-ups: whatever many requests want, in one statement.

use std::collections::HashMap;

use events::{ChannelId, LiveChatId, LiveStreamId, LiveStreamSnapshot, UserId, UserSnapshot};
use sqlx::PgPool;
use sqlx::error::BoxDynError;
use tokio::time::timeout;

use super::rows;
use crate::database::{PATIENCE, past_the_dead, settle};

/// What a request needs to know.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    users: Vec<UserId>,
    channels: Vec<ChannelId>,
    live_streams: Vec<LiveStreamId>,
    creators_of: Vec<LiveStreamId>,
    live_chats: Vec<LiveChatId>,
    run_by: Vec<UserId>,
}

impl Wanted {
    /// And this user.
    pub(crate) fn user(mut self, id: &UserId) -> Self {
        self.users.push(id.clone());
        self
    }

    /// And the user with this channel.
    pub(crate) fn channel(mut self, id: &ChannelId) -> Self {
        self.channels.push(id.clone());
        self
    }

    /// And this live stream.
    pub(crate) fn live_stream(mut self, id: &LiveStreamId) -> Self {
        self.live_streams.push(id.clone());
        self
    }

    /// And this live stream together with its creator.
    pub(crate) fn live_stream_and_creator(mut self, id: &LiveStreamId) -> Self {
        self.creators_of.push(id.clone());
        self.live_stream(id)
    }

    /// And the live stream with this chat.
    pub(crate) fn live_chat(mut self, id: &LiveChatId) -> Self {
        self.live_chats.push(id.clone());
        self
    }

    /// And any live stream that this user created or moderates.
    pub(crate) fn run_by(mut self, id: &UserId) -> Self {
        self.run_by.push(id.clone());
        self
    }
}

/// What is known. May hold more than a request wanted.
#[derive(Debug, Default)]
pub(crate) struct Found {
    users: HashMap<UserId, UserSnapshot>,
    channels: HashMap<ChannelId, UserSnapshot>,
    live_streams: HashMap<LiveStreamId, LiveStreamSnapshot>,
    live_chats: HashMap<LiveChatId, LiveStreamSnapshot>,
    run_by: HashMap<UserId, LiveStreamSnapshot>,
}

impl Found {
    /// The user of this id.
    pub(crate) fn user(&self, id: &UserId) -> Option<&UserSnapshot> {
        self.users.get(id)
    }

    /// The user with this channel.
    pub(crate) fn channel(&self, id: &ChannelId) -> Option<&UserSnapshot> {
        self.channels.get(id)
    }

    /// The live stream of this id.
    pub(crate) fn live_stream(&self, id: &LiveStreamId) -> Option<&LiveStreamSnapshot> {
        self.live_streams.get(id)
    }

    /// The live stream with this chat.
    pub(crate) fn live_chat(&self, id: &LiveChatId) -> Option<&LiveStreamSnapshot> {
        self.live_chats.get(id)
    }

    /// A live stream that this user created or moderates.
    pub(crate) fn run_by(&self, id: &UserId) -> Option<&LiveStreamSnapshot> {
        self.run_by.get(id)
    }
}

/// Each branch is one index look-up, and finds nothing at once when nobody wants anything of it. Where
/// several users claim one channel, or several live streams one chat, the latest claim counts.
const FETCH: &str = "
    SELECT 'user' AS kind, '' AS wanted, row_to_json(u)::text AS row
    FROM directory.users u WHERE u.id = ANY($1)
    UNION ALL
    SELECT 'user', '', row_to_json(u)::text
    FROM directory.live_streams s JOIN directory.users u ON u.id = s.creator_id
    WHERE s.id = ANY($2)
    UNION ALL
    (SELECT DISTINCT ON (u.channel_id) 'channel', '', row_to_json(u)::text
     FROM directory.users u WHERE u.channel_id = ANY($3)
     ORDER BY u.channel_id, u.deleted, u.updated_at DESC, u.id)
    UNION ALL
    SELECT 'live stream', '', row_to_json(s)::text
    FROM directory.live_streams s WHERE s.id = ANY($4)
    UNION ALL
    (SELECT DISTINCT ON (s.live_chat_id) 'live chat', '', row_to_json(s)::text
     FROM directory.live_streams s WHERE s.live_chat_id = ANY($5)
     ORDER BY s.live_chat_id, s.updated_at DESC, s.id)
    UNION ALL
    SELECT 'run by', runner.id, row_to_json(run)::text
    FROM unnest($6::text[]) AS runner (id) CROSS JOIN LATERAL (
        (SELECT * FROM directory.live_streams s WHERE s.creator_id = runner.id LIMIT 1)
        UNION ALL
        (SELECT * FROM directory.live_streams s WHERE s.moderator_ids @> ARRAY[runner.id] LIMIT 1)
        LIMIT 1
    ) AS run";

/// Everything that any of them wants.
pub(super) async fn fetch(pool: &PgPool, wanted: &[Wanted]) -> Result<Found, sqlx::Error> {
    let rows: Vec<(String, String, String)> = past_the_dead(pool, || async {
        let query = sqlx::query_as(FETCH)
            .bind(texts(wanted, |wanted| &wanted.users))
            .bind(texts(wanted, |wanted| &wanted.creators_of))
            .bind(texts(wanted, |wanted| &wanted.channels))
            .bind(texts(wanted, |wanted| &wanted.live_streams))
            .bind(texts(wanted, |wanted| &wanted.live_chats))
            .bind(texts(wanted, |wanted| &wanted.run_by));
        let mut connection = pool.acquire().await?;
        let rows = timeout(PATIENCE, query.fetch_all(&mut *connection)).await;
        settle(connection, rows)
    })
    .await?;
    let mut found = Found::default();
    for (kind, wanted, row) in rows {
        found.add(&kind, wanted, &row).map_err(sqlx::Error::Decode)?;
    }
    Ok(found)
}

fn texts<T: Clone + Into<String>>(
    wanted: &[Wanted],
    of: impl Fn(&Wanted) -> &Vec<T>,
) -> Vec<String> {
    wanted.iter().flat_map(of).cloned().map(T::into).collect()
}

impl Found {
    fn add(&mut self, kind: &str, wanted: String, row: &str) -> Result<(), BoxDynError> {
        match kind {
            "user" => {
                let user = rows::user(row)?;
                self.users.insert(user.id.clone(), user);
            }
            "channel" => {
                let user = rows::user(row)?;
                self.channels.insert(user.channel_id.clone(), user);
            }
            "live stream" => {
                let live_stream = rows::live_stream(row)?;
                self.live_streams.insert(live_stream.id.clone(), live_stream);
            }
            "live chat" => {
                let live_stream = rows::live_stream(row)?;
                self.live_chats.insert(live_stream.live_chat_id.clone(), live_stream);
            }
            _run_by => {
                self.run_by.insert(wanted.try_into()?, rows::live_stream(row)?);
            }
        }
        Ok(())
    }
}
