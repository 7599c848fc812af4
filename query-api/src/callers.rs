//! So many of something at once for each caller.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events::UserId;

/// How many each caller has.
#[derive(Debug, Default)]
pub(crate) struct Callers(Mutex<HashMap<UserId, u16>>);

/// One of a caller's; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    caller: UserId,
    callers: Arc<Callers>,
}

impl Callers {
    /// One more for `caller`, who may have `most`.
    pub(crate) fn take(self: &Arc<Self>, caller: &UserId, most: u16) -> Option<Share> {
        let mut callers = self.lock();
        let count = callers.get(caller).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        callers.insert(caller.clone(), count + 1);
        Some(Share { caller: caller.clone(), callers: Arc::clone(self) })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, u16>> {
        // A count is whole whatever a panic interrupted.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Whose it is.
    pub(crate) fn caller(&self) -> &UserId {
        &self.caller
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut callers = self.callers.lock();
        if let Some(count) = callers.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                callers.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_given_back_and_forgotten() {
        let callers = Arc::new(Callers::default());
        let (alice, bob): (UserId, UserId) = ("alice".parse().unwrap(), "bob".parse().unwrap());
        let first = callers.take(&alice, 2);
        let second = callers.take(&alice, 2).unwrap();
        assert_eq!(second.caller(), &alice);
        assert!(callers.take(&alice, 2).is_none());
        let other = callers.take(&bob, 1);
        drop(second);
        let third = callers.take(&alice, 2);
        assert!(third.is_some());
        drop((first, third, other));
        assert!(callers.lock().is_empty());
    }
}
