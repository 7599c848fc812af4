//! What concerns a whole process: its crypto provider, its environment. Each of these runs in a process
//! of its own, which is this program again, told to run one test.

use std::process::Command;

use event_log::eventstore::EventStoreReader;
use event_log::{LogError, LogReader};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

use crate::given::extend;
use crate::server::{connect, connect_with, impatient, stand_in};

/// Runs the test of this name, which must be an ignored one, by itself.
pub(crate) fn alone(test: &str, environment: &[(&str, &str)]) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{complained}");
}

#[test]
fn the_process_has_one_crypto_provider() {
    alone("processes::here_the_log_is_opened_first", &[]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the_process_has_one_crypto_provider, in a process of its own"]
async fn here_the_log_is_opened_first() {
    assert!(CryptoProvider::get_default().is_none(), "nobody has needed one yet");
    let server = stand_in();
    // Several at once, and one after another, of which some never connect.
    let urls = vec![server.url.clone(); 8];
    let logs = futures_util::future::join_all(urls.iter().map(|url| connect(url))).await;
    server.restart().await.unwrap();
    for (log, n) in logs.iter().zip(0..) {
        extend(log, &format!("a-{n}"), 0).await;
    }
    let encrypted = server.url.replace("tls=false", "tls=true");
    let failed = EventStoreReader::connect(&impatient(&encrypted)).await;
    assert!(matches!(failed, Err(LogError::Unavailable(_))), "{failed:?}");
    assert_eq!(logs[0].read_streams(&["a-1".to_owned()]).await.unwrap()[0].len(), 1);

    let installed = format!("{:?}", CryptoProvider::get_default().unwrap());
    assert_eq!(installed, format!("{:?}", aws_lc_rs::default_provider()));
    assert!(!installed.to_lowercase().contains("ring"), "{installed}");
}

#[test]
fn a_provider_that_was_there_before_stops_the_start() {
    alone("processes::here_another_was_first", &[]);
}

#[tokio::test]
#[ignore = "run by a_provider_that_was_there_before_stops_the_start, in a process of its own"]
async fn here_another_was_first() {
    aws_lc_rs::default_provider().install_default().unwrap();
    let server = stand_in();
    for _ in 0..2 {
        let Err(LogError::Broken(error)) = connect_with(impatient(&server.url)).await else {
            panic!("it started")
        };
        assert!(error.to_string().contains("crypto provider"), "{error}");
    }
}

#[test]
fn without_tls_no_certificates_are_needed() {
    alone(
        "processes::here_are_no_certificates",
        &[("SSL_CERT_FILE", "/there/is/none"), ("SSL_CERT_DIR", "/nor/here")],
    );
}

#[tokio::test]
#[ignore = "run by without_tls_no_certificates_are_needed, in a process of its own"]
async fn here_are_no_certificates() {
    let server = stand_in();
    let log = connect(&server.url).await;
    extend(&log, "a", 0).await;
    server.restart().await.unwrap();
    extend(&log, "a", 1).await;

    let encrypted = server.url.replace("tls=false", "tls=true");
    let Err(LogError::Broken(error)) = connect_with(impatient(&encrypted)).await else {
        panic!("it started without certificates")
    };
    assert!(error.to_string().contains("SSL_CERT_FILE"), "{error}");
}
