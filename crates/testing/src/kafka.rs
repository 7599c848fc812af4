//! A broker that tests share, and names that they do not.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The brokers that `TEST_KAFKA_BROKERS` names.
#[expect(clippy::disallowed_methods, reason = "where the tests' brokers are, is no configuration")]
pub fn brokers() -> String {
    std::env::var("TEST_KAFKA_BROKERS")
        .expect("TEST_KAFKA_BROKERS names no Kafka to test on: run deploy/kafka/broker start")
}

/// What no other test puts in front of its topics and groups.
#[expect(
    clippy::disallowed_methods,
    reason = "told apart by when it was made, and by which process"
)]
pub fn prefix() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
    let nth = MADE.fetch_add(1, Ordering::SeqCst);
    format!("test-{:x}-{:x}-{nth}.", now.as_nanos(), std::process::id())
}
