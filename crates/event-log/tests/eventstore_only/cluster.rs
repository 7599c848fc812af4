//! Several nodes, of which one leads.

use eventstore_stand_in::StandIn;

use crate::given::{everything, extend, ids};
use crate::server::{accept, connect, stand_in};

/// An address that names both.
fn both(one: &StandIn, other: &StandIn) -> String {
    format!("esdb://{},{}?tls=false", one.address(), other.address())
}

#[tokio::test]
async fn a_follower_sends_to_the_leader() {
    let leader = stand_in();
    let follower = leader.follower().unwrap();
    let log = connect(&follower.url).await;
    for version in 0..3 {
        extend(&log, "a", version).await;
    }
    assert_eq!((leader.appends() > 0, follower.appends()), (true, 0));
    assert_eq!(ids(&log, "a").await.len(), 3);
}

#[tokio::test]
async fn a_change_of_leaders_is_followed() {
    let one = stand_in();
    let other = one.follower().unwrap();
    let log = connect(&one.url).await;
    for version in 0..6 {
        let leader = if version % 2 == 0 { &other } else { &one };
        leader.lead();
        let before = leader.appends();
        extend(&log, "a", version).await;
        assert!(leader.appends() > before);
    }
    assert_eq!(everything(&log).await.len(), 6);
}

#[tokio::test]
async fn a_node_that_is_gone_is_left() {
    let one = stand_in();
    let other = one.follower().unwrap();
    for scheme in ["esdb", "kurrentdb"] {
        let log = connect(&both(&one, &other).replace("esdb", scheme)).await;
        for version in 0..4 {
            let (up, down) = if version % 2 == 0 { (&other, &one) } else { (&one, &other) };
            down.refuse().await;
            up.lead();
            extend(&log, scheme, version).await;
            assert_eq!(ids(&log, scheme).await.len(), version as usize + 1);
            accept(down).await;
        }
    }
}

#[tokio::test]
async fn nodes_are_discovered() {
    let leader = stand_in();
    let follower = leader.follower().unwrap();
    let log = connect(&follower.url.replace("esdb", "esdb+discover")).await;
    extend(&log, "a", 0).await;
    assert_eq!((leader.appends() > 0, follower.appends()), (true, 0));
}
