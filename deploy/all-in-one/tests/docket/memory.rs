//! What an idle docket holds.

use std::fs;

use crate::support::{Docket, data_dir};

/// Of one process with every role, without PostgreSQL.
const MOST_KIB: u64 = 60 * 1024;

/// Linux alone tells it in a file.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_idle_docket_is_small() {
    let data_dir = data_dir();
    let docket = Docket::start(data_dir.path()).await;
    let status = fs::read_to_string(format!("/proc/{}/status", docket.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let resident: u64 = line.split_whitespace().next().unwrap().parse().unwrap();
    assert!(resident <= MOST_KIB, "{resident} KiB");
    assert!(docket.stop().await.success());
}
