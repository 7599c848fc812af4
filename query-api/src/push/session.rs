//! Sessions of Socket.IO, and how many there may be.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events::UserId;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use web::{Caller, Kind, Language, Problem, Reason};

use super::PushConfig;
use super::metric::{self, Counted};
use crate::callers::{Callers, Share};

/// Packets that a client may send per second, and at once: it joins, leaves, and is silent.
const PACKETS: NonZeroU32 = NonZeroU32::new(10).unwrap();
const AT_ONCE: NonZeroU32 = NonZeroU32::new(40).unwrap();

/// How many sessions there may be, in all and of each user.
pub(super) struct Places {
    free: Arc<Semaphore>,
    user_limit: u16,
    users: Arc<Callers>,
}

/// One client's session, from its first request to its end. It is kept among what the engine keeps of
/// that request, so it ends when the engine forgets the session, whatever made it do so.
pub(super) struct Session {
    /// Whom the handshake's `Authorization` speaks for, where it had one.
    pub(super) header: Option<Result<Arc<Caller>, Problem>>,
    /// The language of its errors.
    pub(super) language: Language,
    /// Held while rooms are counted and one more is entered.
    pub(super) joining: Mutex<()>,
    packets: DefaultDirectRateLimiter,
    user: Mutex<Option<Share>>,
    _place: OwnedSemaphorePermit,
    _counted: Counted,
}

impl Places {
    pub(super) fn new(config: &PushConfig) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(config.push_limit.into()));
        Arc::new(Self { free, user_limit: config.push_user_limit, users: Arc::default() })
    }

    /// A place for a session of somebody yet unknown.
    pub(super) fn take(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.free).try_acquire_owned().map_err(|full| {
            metric::refused("full");
            Problem::unavailable(full).because(Reason::new("push-full"))
        })
    }

    /// A place of this user's.
    fn take_of(&self, user: &UserId) -> Result<Share, Problem> {
        self.users.take(user, self.user_limit).ok_or_else(|| {
            metric::refused("user");
            let reason = Reason::new("push-too-many-sockets").arg("max", self.user_limit);
            Problem::new(Kind::RateLimited).because(reason)
        })
    }
}

impl Session {
    pub(super) fn new(
        place: OwnedSemaphorePermit,
        header: Option<Result<Arc<Caller>, Problem>>,
        language: Language,
    ) -> Self {
        Self {
            header,
            language,
            joining: Mutex::default(),
            packets: RateLimiter::direct(Quota::per_second(PACKETS).allow_burst(AT_ONCE)),
            user: Mutex::default(),
            _place: place,
            _counted: Counted::new("docket_push_sessions"),
        }
    }

    /// Whether the client may send one more packet now.
    pub(super) fn may_send(&self) -> bool {
        self.packets.check().is_ok()
    }

    /// Counts the session as this user's until it ends, or becomes another's: a user who leaves the
    /// namespace and keeps the session has not given up his place.
    pub(super) fn belongs_to(&self, user: &UserId, places: &Arc<Places>) -> Result<(), Problem> {
        let mut owner = lock(&self.user);
        if owner.as_ref().is_none_or(|place| place.caller() != user) {
            *owner = Some(places.take_of(user)?);
        }
        Ok(())
    }
}

/// What is guarded is whole even after a panic, which has nowhere to happen while it is held.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(places: &Arc<Places>) -> Session {
        Session::new(places.take().unwrap(), None, Language::English)
    }

    #[test]
    fn a_place_is_given_back_by_the_session_s_end() {
        let config = PushConfig { push_limit: 2, push_user_limit: 1, ..PushConfig::default() };
        let places = Places::new(&config);
        let (alice, bob) = ("alice".parse().unwrap(), "bob".parse().unwrap());
        let (first, second) = (session(&places), session(&places));
        assert_eq!(places.take().unwrap_err().to_string(), "problem-unavailable, push-full");

        first.belongs_to(&alice, &places).unwrap();
        first.belongs_to(&alice, &places).unwrap();
        let refused = second.belongs_to(&alice, &places).unwrap_err();
        assert_eq!(refused.to_string(), "problem-rate-limited, push-too-many-sockets");
        first.belongs_to(&bob, &places).unwrap();
        second.belongs_to(&alice, &places).unwrap();

        drop(first);
        let third = session(&places);
        third.belongs_to(&bob, &places).unwrap();
        drop((second, third));
        assert!(places.take_of(&alice).is_ok() && places.take_of(&bob).is_ok());
    }

    #[test]
    fn a_client_sends_so_many_packets_at_once() {
        let session = session(&Places::new(&PushConfig::default()));
        let sent = (0..100).filter(|_| session.may_send()).count();
        assert_eq!(sent, 40);
    }
}
