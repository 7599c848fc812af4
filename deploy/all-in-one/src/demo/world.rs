//! Who and what there is in the demonstration.

use events::time::TimestampError;
use events::{IdError, LiveStreamSnapshot, StreamStatus, Timestamp, UserId, UserSnapshot};

use super::DemoError;

/// The live stream that `demo.json` is about; on air.
pub(super) const LIVE_STREAM: &str = "673ac9e2c93fe18d3fdd23f1";
pub(super) const LIVE_CHAT: &str = "Cg0KC2RlbW8tc3RyZWFtKicKGFVDZGVtb0NyZWF0b3JfX19fX19fX19fMDEQAQ";

pub(super) const CREATOR: &str = "673ac9e2c93fe18d3fdd2301";
pub(super) const CREATOR_CHANNEL: &str = "UCdemoCreator-0000000001";
pub(super) const MODERATOR: &str = "673ac9e2c93fe18d3fdd2302";
pub(super) const VIEWER: &str = "673ac9e2c93fe18d3fdd2311";
pub(super) const VIEWER_CHANNEL: &str = "UCdemoViewer-00000000011";
/// Is banned by the first command line.
pub(super) const SPAMMER: &str = "673ac9e2c93fe18d3fdd2312";
/// Is banned by the second.
pub(super) const HECKLER_CHANNEL: &str = "UCdemoViewer-00000000013";

const OTHER_CREATOR: &str = "673ac9e2c93fe18d3fdd2303";
const OTHER_MODERATOR: &str = "673ac9e2c93fe18d3fdd2304";

pub(super) const PLATFORM_MODERATOR: &str = "673ac9e2c93fe18d3fdd2321";
pub(super) const ADMIN: &str = "673ac9e2c93fe18d3fdd2322";
pub(super) const AUDITOR: &str = "673ac9e2c93fe18d3fdd2323";
pub(super) const SERVICE: &str = "673ac9e2c93fe18d3fdd2324";

/// When the platform last changed any of this: long ago, so that whatever it says from now on counts.
const UPDATED_AT: &str = "2026-01-15T10:30:00.000Z";

/// Id, channel, handle, given and family name.
const USERS: [[&str; 5]; 14] = [
    [CREATOR, CREATOR_CHANNEL, "elif.live", "Elif", "Aydın"],
    [MODERATOR, "UCdemoMod-00000000000002", "mert.mod", "Mert", "Kaya"],
    [OTHER_CREATOR, "UCdemoCreator-0000000003", "jonas", "Jonas", "Weber"],
    [OTHER_MODERATOR, "UCdemoMod-00000000000004", "amara", "Amara", "Okafor"],
    [VIEWER, VIEWER_CHANNEL, "zeynep", "Zeynep", "Demir"],
    [SPAMMER, "UCdemoViewer-00000000012", "best.deals", "Ron", "Price"],
    ["673ac9e2c93fe18d3fdd2313", HECKLER_CHANNEL, "loudmouth", "Pat", "Miller"],
    ["673ac9e2c93fe18d3fdd2314", "UCdemoViewer-00000000014", "lucia", "Lucía", "Fernández"],
    ["673ac9e2c93fe18d3fdd2315", "UCdemoViewer-00000000015", "kenji", "Kenji", "Sato"],
    ["673ac9e2c93fe18d3fdd2316", "UCdemoViewer-00000000016", "nadia", "Nadia", "Haddad"],
    [PLATFORM_MODERATOR, "UCdemoStaff-000000000021", "staff.sam", "Sam", "Carter"],
    [ADMIN, "UCdemoStaff-000000000022", "staff.ada", "Ada", "Lindqvist"],
    [AUDITOR, "UCdemoStaff-000000000023", "staff.noor", "Noor", "Rahman"],
    [SERVICE, "UCdemoStaff-000000000024", "platform", "Platform", "Service"],
];

/// Id, chat, title, status, creator, moderators.
type LiveStream =
    (&'static str, &'static str, &'static str, StreamStatus, &'static str, &'static [&'static str]);

const LIVE_STREAMS: [LiveStream; 4] = [
    (
        LIVE_STREAM,
        LIVE_CHAT,
        "Evening concert from the rooftop",
        StreamStatus::Active,
        CREATOR,
        &[MODERATOR, OTHER_MODERATOR],
    ),
    (
        "673ac9e2c93fe18d3fdd23f2",
        "Cg0KC2RlbW8tc3RyZWFtKicKGFVDZGVtb0NyZWF0b3JfX19fX19fX19fMDEQAg",
        "Questions and answers",
        StreamStatus::Scheduled,
        CREATOR,
        &[MODERATOR],
    ),
    (
        "673ac9e2c93fe18d3fdd23f3",
        "Cg0KC2RlbW8tc3RyZWFtKicKGFVDZGVtb0NyZWF0b3JfX19fX19fX19fMDMQAQ",
        "Speedrun marathon",
        StreamStatus::Active,
        OTHER_CREATOR,
        &[OTHER_MODERATOR],
    ),
    (
        "673ac9e2c93fe18d3fdd23f4",
        "Cg0KC2RlbW8tc3RyZWFtKicKGFVDZGVtb0NyZWF0b3JfX19fX19fX19fMDMQAg",
        "Yesterday's news",
        StreamStatus::Ended,
        OTHER_CREATOR,
        &[],
    ),
];

pub(super) fn users() -> Result<Vec<UserSnapshot>, DemoError> {
    let updated_at = updated_at()?;
    let user = |[id, channel, username, name, surname]: [&str; 5]| {
        Ok(UserSnapshot {
            id: id.parse()?,
            channel_id: channel.parse()?,
            username: username.to_owned(),
            name: name.to_owned(),
            surname: surname.to_owned(),
            profile_photo: None,
            availability_status: "online".to_owned(),
            deleted: false,
            updated_at,
        })
    };
    USERS.into_iter().map(user).collect()
}

pub(super) fn live_streams() -> Result<Vec<LiveStreamSnapshot>, DemoError> {
    let updated_at = updated_at()?;
    let live_stream = |(id, chat, title, status, creator, moderators): LiveStream| {
        let moderators = moderators.iter().map(|id| id.parse());
        Ok(LiveStreamSnapshot {
            id: id.parse()?,
            live_chat_id: chat.parse()?,
            title: title.to_owned(),
            status,
            creator_id: creator.parse()?,
            moderator_ids: moderators.collect::<Result<Vec<UserId>, IdError>>()?,
            updated_at,
        })
    };
    LIVE_STREAMS.into_iter().map(live_stream).collect()
}

fn updated_at() -> Result<Timestamp, TimestampError> {
    UPDATED_AT.parse()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{live_streams, users};

    #[test]
    fn the_world_holds_together() {
        let users = users().unwrap();
        let ids: BTreeSet<_> = users.iter().map(|user| &user.id).collect();
        let channels: BTreeSet<_> = users.iter().map(|user| &user.channel_id).collect();
        assert_eq!((ids.len(), channels.len()), (users.len(), users.len()));
        for channel in channels {
            assert!(
                channel.as_str().starts_with("UC") && channel.as_str().len() == 24,
                "{channel}"
            );
        }
        for live_stream in live_streams().unwrap() {
            assert!(ids.contains(&live_stream.creator_id));
            assert!(live_stream.moderator_ids.iter().all(|id| ids.contains(id)));
        }
    }
}
