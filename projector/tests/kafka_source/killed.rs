//! A process that vanishes, and one that comes back when others have its work.

use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::Signal;
use projector::digests;
use serde_json::json;

use crate::keys::master;
use crate::member::{assert_true_to_the_log, reached};
use crate::members::under_load;
use crate::process::Process;
use crate::tables::rows;
use crate::world::World;

const PARTITIONS: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_one_is_killed_under_load_and_the_rows_are_those_of_the_log() {
    const KILLS: usize = 5;
    let world = World::relayed(PARTITIONS.try_into().unwrap()).await;
    let start = || Process::start(&world.database.url, world.config());
    let done = AtomicBool::new(false);
    let killing = async {
        let survivor = start();
        survivor.wait_for(PARTITIONS).await;
        for _ in 0..KILLS {
            let victim = start();
            victim.wait_for(PARTITIONS / 2).await;
            victim.kill();
            survivor.wait_for(PARTITIONS).await;
        }
        done.store(true, Ordering::SeqCst);
        survivor
    };

    let (survivor, ()) = tokio::join!(killing, under_load(&world, &done));

    reached(world.pool(), world.relay().await).await;
    assert_eq!(rows(world.pool(), "parked").await, json!([]));
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    let fed = digests(world.pool()).await.unwrap();
    assert!(survivor.end().await, "it leaves in good order");
    for projection in projector::all() {
        projector::rebuild(world.pool(), world.log().as_ref(), &master(), projection.as_ref())
            .await
            .unwrap();
    }
    assert_eq!(digests(world.pool()).await.unwrap(), fed, "as a rebuild makes them");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_was_taken_for_dead_writes_nothing_of_what_others_have() {
    let world = World::relayed(PARTITIONS.try_into().unwrap()).await;
    let start = || Process::start(&world.database.url, world.config());
    let done = AtomicBool::new(false);
    let stopping = async {
        let (first, second) = (start(), start());
        for _ in 0..3 {
            first.wait_for(PARTITIONS / 2).await;
            second.wait_for(PARTITIONS / 2).await;
            first.signal(Signal::SIGSTOP);
            second.wait_for(PARTITIONS).await;
            first.signal(Signal::SIGCONT);
        }
        first.wait_for(PARTITIONS / 2).await;
        done.store(true, Ordering::SeqCst);
        [first, second]
    };

    let (both, ()) = tokio::join!(stopping, under_load(&world, &done));

    reached(world.pool(), world.relay().await).await;
    assert_eq!(rows(world.pool(), "parked").await, json!([]));
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    for process in both {
        assert!(process.end().await, "it leaves in good order");
    }
}
