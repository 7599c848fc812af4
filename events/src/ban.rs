//! Bans of one user on one live stream: at most one is active at a time.

mod decide;
mod event;
mod state;

pub use decide::{BanCommand, BanRefusal, CreateBan, OverActive, RevokeBan, Revoker};
pub use event::{ActionType, BanCreated, BanDuration, BanEvent, BanRevoked, RevokeCause};
pub use state::{Ban, BanState, Lifted};

/// The decider of bans.
#[derive(Debug, Clone, Copy)]
pub struct Bans;

impl crate::Decider for Bans {
    type State = BanState;
    type Command = BanCommand;
    type Event = BanEvent;
    type Refusal = BanRefusal;

    fn decide(state: &BanState, command: &BanCommand) -> Result<Vec<BanEvent>, BanRefusal> {
        decide::decide(state, command)
    }

    fn evolve(state: BanState, event: &crate::Envelope<BanEvent>) -> BanState {
        state::evolve(state, event)
    }
}
