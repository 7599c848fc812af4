//! What the deciders wrote is legal; what somebody made of it afterwards is not.

use std::fmt::Debug;

use events::ban::{BanCommand, BanEvent, Bans, RevokeCause, Revoker};
use events::legality::judge;
use events::report::{ReportCommand, ReportEvent, Reports};
use events::{Actor, BanId, Decider, Envelope, Event, Roles, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;
use ulid::Ulid;

use super::{Asked, bans, reports};
use crate::support::metadata;

/// Who gives a command, and when.
type Given = (Option<Actor>, Timestamp);

fn of_ban(command: &BanCommand) -> Given {
    match command {
        BanCommand::Create(create) => (Some(create.caller.clone()), create.now),
        BanCommand::Revoke(revoke) => match &revoke.revoker {
            Revoker::Caller { caller, .. } => (Some(caller.clone()), revoke.now),
            Revoker::Expiry => (None, revoke.now),
        },
    }
}

fn of_report(command: &ReportCommand) -> Given {
    match command {
        ReportCommand::File(file) => (Some(file.caller.clone()), file.now),
        ReportCommand::Review(review) => (Some(review.caller.clone()), review.now),
    }
}

/// The history that the commands leave, with all that the log would say of them.
fn written<D: Decider<Refusal: Debug>>(
    asked: Vec<Asked<D::Command>>,
    given: fn(&D::Command) -> Given,
    event: fn(&D::Event) -> Event,
) -> Vec<Envelope<Event>> {
    let (mut state, mut history) = (D::State::default(), vec![]);
    for (nth, Asked { command, .. }) in (1_u128..).zip(asked) {
        let (actor, now) = given(&command);
        for decided in D::decide(&state, &command).unwrap_or_default() {
            let mut metadata = metadata(actor.as_ref().map(|actor| actor.id.as_str()), 0);
            metadata.roles = actor.as_ref().map(|actor| actor.roles.clone()).unwrap_or_default();
            metadata.command_id = Ulid(nth);
            metadata.occurred_at = now;
            let id = Ulid(history.len() as u128);
            history.push(Envelope { id, event: event(&decided), metadata: metadata.clone() });
            state = D::evolve(state, &Envelope { id, event: decided, metadata });
        }
    }
    history
}

fn history_of_bans() -> impl Strategy<Value = Vec<Envelope<Event>>> {
    let event = |event: &BanEvent| Event::Ban(event.clone());
    bans::commands().prop_map(move |asked| written::<Bans>(asked, of_ban, event))
}

fn history_of_reports() -> impl Strategy<Value = Vec<Envelope<Event>>> {
    let event = |event: &ReportEvent| Event::Report(event.clone());
    reports::commands().prop_map(move |asked| written::<Reports>(asked, of_report, event))
}

/// Where its events say that they belong.
fn stream(history: &[Envelope<Event>]) -> String {
    match history.first().map(|first| &first.event) {
        Some(Event::Ban(BanEvent::Created(created))) => created.ban_id.stream(),
        Some(Event::Report(ReportEvent::Filed(filed))) => filed.report_id.stream(),
        first => unreachable!("no history begins with {first:?}"),
    }
}

fn is_legal(stream: &str, history: &[Envelope<Event>]) -> bool {
    judge(stream, history).is_empty()
}

/// One event, changed by hand so that no decider could have written it.
fn change(event: &mut Envelope<Event>, how: u8) {
    match (&mut event.event, how) {
        (Event::Ban(BanEvent::Created(created)), 0) => {
            created.ban_id = BanId::of(created.ban_id.stream_key(), created.ban_id.ordinal() + 1);
        }
        (Event::Ban(BanEvent::Created(created)), 1) => {
            let sooner = created.expires_at.unwrap_or(event.metadata.occurred_at).to_utc();
            created.expires_at = Some((sooner - std::time::Duration::from_millis(1)).into());
        }
        (Event::Ban(BanEvent::Created(created)), 2) => {
            event.metadata.actor = Some(created.target_user_id.clone());
        }
        (Event::Ban(BanEvent::Revoked(revoked)), 0 | 1) => {
            let all = [RevokeCause::Manual, RevokeCause::Expired, RevokeCause::Superseded];
            let others: Vec<_> = all.into_iter().filter(|cause| *cause != revoked.cause).collect();
            revoked.cause = others[usize::from(how)];
        }
        (Event::Report(ReportEvent::Filed(filed)), 0 | 1) => {
            filed.stream_creator_id = event.metadata.actor.clone().unwrap();
        }
        (Event::Report(ReportEvent::Reviewed(_)), 0 | 1) => {
            event.metadata.roles = Roles::default();
        }
        _ => {
            let nobody = event.metadata.actor.is_none();
            event.metadata.actor = nobody.then(|| "somebody".parse().unwrap());
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_decided_is_legal(
        bans in history_of_bans(),
        reports in history_of_reports(),
    ) {
        for history in [bans, reports] {
            if !history.is_empty() {
                prop_assert_eq!(judge(&stream(&history), &history), []);
            }
        }
    }

    #[test]
    fn nothing_can_be_changed(
        bans in history_of_bans(),
        reports in history_of_reports(),
        which: Index,
        how in 0..4_u8,
    ) {
        for history in [bans, reports].into_iter().filter(|history| !history.is_empty()) {
            let mut changed = history.clone();
            change(which.get_mut(&mut changed), how);
            prop_assert!(!is_legal(&stream(&history), &changed), "{:?}", which.get(&changed));
        }
    }

    #[test]
    fn nothing_but_the_end_can_be_taken_out_or_moved(history in history_of_bans(), which: Index) {
        if history.len() > 1 {
            let nth = which.index(history.len() - 1);
            let stream = stream(&history);
            let mut shorter = history.clone();
            shorter.remove(nth);
            prop_assert!(!is_legal(&stream, &shorter));
            let mut swapped = history;
            swapped.swap(nth, nth + 1);
            prop_assert!(!is_legal(&stream, &swapped));
        }
    }

    #[test]
    fn nothing_happens_twice(
        bans in history_of_bans(),
        reports in history_of_reports(),
        which: Index,
    ) {
        for history in [bans, reports].into_iter().filter(|history| !history.is_empty()) {
            let nth = which.index(history.len());
            let mut again = history[nth].clone();
            again.metadata.command_id = Ulid(u128::MAX);
            let mut longer = history.clone();
            longer.insert(nth + 1, again);
            prop_assert!(!is_legal(&stream(&history), &longer));
        }
    }
}
