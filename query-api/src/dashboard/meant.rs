//! Whom and what somebody means by what they typed.

use events::{LiveStreamSnapshot, UserSnapshot};

use super::Dashboard;
use super::names::{Person, Place};
use super::visit::Visit;
use crate::error::QueryError;
use crate::{live_streams, users};

/// Why it cannot be told: the key of a text.
pub(super) type Unclear = &'static str;

/// The user of this id or username. What no user is called that the visitor may look up is an id all the
/// same, if it can be one: whoever is asked next knows better who exists.
pub(super) async fn user(
    dashboard: &Dashboard,
    visit: &Visit,
    typed: &str,
) -> Result<Result<Person, Unclear>, QueryError> {
    let typed = typed.trim();
    if typed.contains(char::is_control) {
        return Ok(Err("meant-no-user"));
    }
    let called = users::called(dashboard.app(), visit.actor(), typed).await?;
    Ok(one_user(typed, &called))
}

fn one_user(typed: &str, called: &[UserSnapshot]) -> Result<Person, Unclear> {
    match called {
        [one] => Ok(Person::of(&one.id, Some(one))),
        [] => typed.parse().map(|id| Person::of(&id, None)).map_err(|_| "meant-no-user"),
        several => {
            let exact = several.iter().find(|user| user.id.as_str() == typed);
            exact.map(|user| Person::of(&user.id, Some(user))).ok_or("meant-several-users")
        }
    }
}

/// The live stream of this id, chat id or title. The beginning of a title is not enough: nobody should be
/// banned somewhere because somebody stopped typing.
pub(super) async fn live_stream(
    dashboard: &Dashboard,
    visit: &Visit,
    typed: &str,
) -> Result<Result<Place, Unclear>, QueryError> {
    let typed = typed.trim();
    if typed.is_empty() || typed.contains(char::is_control) {
        return Ok(Err("meant-no-live-stream"));
    }
    let called = live_streams::called(dashboard.app(), visit.actor(), typed).await?;
    Ok(one_live_stream(typed, &called))
}

fn one_live_stream(typed: &str, called: &[LiveStreamSnapshot]) -> Result<Place, Unclear> {
    let by_id = called.iter().find(|stream| stream.id.as_str() == typed);
    let by_chat = || called.iter().find(|stream| stream.live_chat_id.as_str() == typed);
    if let Some(exact) = by_id.or_else(by_chat) {
        return Ok(place(exact));
    }
    let title = typed.to_lowercase();
    let titled: Vec<_> =
        called.iter().filter(|stream| stream.title.trim().to_lowercase() == title).collect();
    match titled[..] {
        [one] => Ok(place(one)),
        [] => typed.parse().map(|id| Place::of(&id, None)).map_err(|_| "meant-no-live-stream"),
        _ => Err("meant-several-live-streams"),
    }
}

fn place(live_stream: &LiveStreamSnapshot) -> Place {
    Place::of(&live_stream.id, Some(&live_stream.title))
}

#[cfg(test)]
mod tests {
    use events::{StreamStatus, Timestamp};

    use super::*;

    fn stream(id: &str, chat: &str) -> LiveStreamSnapshot {
        LiveStreamSnapshot {
            id: id.parse().unwrap(),
            live_chat_id: chat.parse().unwrap(),
            title: "Evening".to_owned(),
            status: StreamStatus::Active,
            creator_id: "c1".parse().unwrap(),
            moderator_ids: vec![],
            updated_at: "2026-01-15T12:00:00.000Z".parse::<Timestamp>().unwrap(),
        }
    }

    #[test]
    fn an_id_wins_over_a_title() {
        let both = [stream("s1", "chat"), stream("s2", "s1")];
        let meant =
            |typed, called| one_live_stream(typed, called).map(|place| place.id.to_string());
        assert_eq!(meant("s1", &both), Ok("s1".to_owned()));
        assert_eq!(meant("chat", &both), Ok("s1".to_owned()));
        assert_eq!(meant("evening", &both), Err("meant-several-live-streams"));
        assert_eq!(meant("EVENING", &both[..1]), Ok("s1".to_owned()));
        assert_eq!(meant("Eve ning", &both[..1]), Err("meant-no-live-stream"));
        assert_eq!(meant("s9", &[]), Ok("s9".to_owned()));
    }
}
