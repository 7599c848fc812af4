//! What holds for every history and every run of commands, however odd.

mod any;
mod bans;
mod codec;
mod legality;
mod reports;
mod schemas;

use std::fmt::Debug;

use events::{Decider, Envelope, fold};
use proptest::prelude::*;

use crate::support::caused;

/// A command, who gives it and when.
#[derive(Debug, Clone)]
struct Asked<C> {
    who: &'static str,
    seconds: u32,
    command: C,
}

type History<D> = Vec<Envelope<<D as Decider>::Event>>;

/// Everybody who has a part in the live stream, or none.
fn anybody() -> impl Strategy<Value = &'static str> {
    let all = ["creator", "mod-a", "viewer", "viewer-2", "staff", "admin", "service"];
    prop::sample::select(all.to_vec())
}

/// Gives the commands one after the other, as the write side does, and holds every step to the laws.
fn run<D>(asked: &[Asked<D::Command>]) -> (History<D>, Vec<Asked<D::Command>>)
where
    D: Decider<State: Clone + PartialEq + Debug, Command: Clone, Event: Clone + PartialEq + Debug>,
    D::Refusal: PartialEq + Debug,
{
    let (mut state, mut history, mut accepted) = (D::State::default(), vec![], vec![]);
    for Asked { who, seconds, command } in asked {
        let Ok(events) = D::decide(&state, command) else { continue };
        accepted.push(Asked { who, seconds: *seconds, command: command.clone() });
        for event in events {
            let envelope = caused(who, *seconds, event);
            let next = D::evolve(state.clone(), &envelope);
            assert_ne!(next, state, "what was decided takes effect: {envelope:?}");
            state = next;
            history.push(envelope);
        }
        assert_eq!(fold::<D>(&history), state, "replayed is what it was");
    }
    (history, accepted)
}

/// Commands that were refused might as well not have been given.
fn refused_changes_nothing<D>(asked: &[Asked<D::Command>])
where
    D: Decider<State: Clone + PartialEq + Debug, Command: Clone, Event: Clone + PartialEq + Debug>,
    D::Refusal: PartialEq + Debug,
{
    let (history, accepted) = run::<D>(asked);
    assert_eq!(run::<D>(&accepted).0, history);
}
