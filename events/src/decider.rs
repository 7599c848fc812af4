//! The shape that every aggregate has, and how its state is rebuilt from what happened.

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::Metadata;

/// An aggregate as two pure functions over a union of situations.
pub trait Decider {
    /// Every situation that the aggregate can be in; the default is "nothing happened yet".
    type State: Default;
    /// What may be asked of it, with all that the answer depends on.
    type Command;
    /// What can happen to it.
    type Event;
    /// Why a command may be turned down.
    type Refusal;

    /// What happens when `command` meets `state`: events, an empty list when there is nothing left to
    /// do, or a refusal, which changes nothing.
    fn decide(
        state: &Self::State,
        command: &Self::Command,
    ) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// The state after `event`. Total: an event that cannot follow leaves the state as it is.
    fn evolve(state: Self::State, event: &Envelope<Self::Event>) -> Self::State;
}

/// An event together with its id and who caused it, when and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<E> {
    /// Unique in the whole log.
    pub id: Ulid,
    /// What happened.
    pub event: E,
    /// Who caused it, when and how.
    pub metadata: Metadata,
}

/// The state after `history`, oldest event first.
pub fn fold<'a, D>(history: impl IntoIterator<Item = &'a Envelope<D::Event>>) -> D::State
where
    D: Decider,
    D::Event: 'a,
{
    history.into_iter().fold(D::State::default(), D::evolve)
}
