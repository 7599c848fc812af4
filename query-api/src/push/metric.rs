//! What is counted of the push.

/// One more in a gauge, as long as it lives.
#[derive(Debug)]
pub(super) struct Counted(&'static str);

impl Counted {
    pub(super) fn new(gauge: &'static str) -> Self {
        metrics::gauge!(gauge).increment(1);
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!(self.0).decrement(1);
    }
}

/// A client was not let in: by its `origin` or `token`, since all places (`full`) or all of the user's
/// (`user`) are taken, or it tries too often (`rate`).
pub(super) fn refused(why: &'static str) {
    metrics::counter!("docket_push_refused_total", "reason" => why).increment(1);
}

/// A client was disconnected: it was `slow`, sent too much (`rate`), or its token has `expired`.
pub(super) fn cut_off(why: &'static str) {
    metrics::counter!("docket_push_cut_off_total", "reason" => why).increment(1);
}

/// A client has entered a room.
pub(super) fn joined() {
    metrics::counter!("docket_push_joins_total").increment(1);
}

/// An event was pushed to so many clients.
pub(super) fn pushed(event: &'static str, clients: usize) {
    let clients = u64::try_from(clients).unwrap_or(u64::MAX);
    metrics::counter!("docket_push_messages_total", "event" => event).increment(clients);
}
