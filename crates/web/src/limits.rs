//! How often a caller may command.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use events::UserId;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{Quota, RateLimiter, state::keyed::DefaultKeyedStateStore};

use crate::{Kind, Problem};

/// After so many checks, callers who have their whole quota again are forgotten. So memory is bounded
/// by the callers of the last second, and this.
const FORGET_EVERY: u32 = 1024;

/// Allows each caller so many commands per second.
#[derive(Debug)]
pub struct RateLimit {
    limiter: RateLimiter<
        UserId,
        DefaultKeyedStateStore<UserId>,
        DefaultClock,
        StateInformationMiddleware,
    >,
    per_second: NonZeroU32,
    checks: AtomicU32,
}

/// What is left to a caller, for the headers of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    per_second: NonZeroU32,
    remaining: u32,
}

impl RateLimit {
    /// A limit of `per_second` commands per caller and second; `None` for 0, which means no limit.
    pub fn per_second(per_second: u32) -> Option<Self> {
        let per_second = NonZeroU32::new(per_second)?;
        let limiter = RateLimiter::keyed(Quota::per_second(per_second)).with_middleware();
        Some(Self { limiter, per_second, checks: AtomicU32::new(0) })
    }

    pub(crate) fn check(&self, caller: &UserId) -> Result<Allowance, (Allowance, Problem)> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let allowance = |remaining| Allowance { per_second: self.per_second, remaining };
        match self.limiter.check_key(caller) {
            Ok(state) => Ok(allowance(state.remaining_burst_capacity())),
            Err(refusal) => {
                let wait = refusal.wait_time_from(self.limiter.clock().now());
                let wait = wait.max(Duration::from_secs(1));
                Err((allowance(0), Problem::new(Kind::RateLimited).retry_after(wait)))
            }
        }
    }
}

impl Allowance {
    /// Writes the fields of draft-ietf-httpapi-ratelimit-headers-10.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
        const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
        let policy = format!("\"commands\";q={};w=1", self.per_second);
        let limit = format!("\"commands\";r={};t=1", self.remaining);
        for (name, value) in [(POLICY, policy), (LIMIT, limit)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}
