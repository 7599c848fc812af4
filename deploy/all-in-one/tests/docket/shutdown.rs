//! How docket ends while somebody still wants something.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Docket, data_dir};

/// Less than the 10 seconds that a request may take, and more than everything else does.
const AT_ONCE: Duration = Duration::from_secs(8);

#[tokio::test]
async fn a_second_signal_ends_the_wait_for_a_request_in_flight() {
    let data_dir = data_dir();
    let docket = Docket::start(data_dir.path()).await;
    let address = docket.base_url.trim_start_matches("http://").to_owned();
    let mut slow = TcpStream::connect(&address).await.unwrap();
    // It waits for a body that does not come; that it does so is seen by the invitation to send it.
    let head = format!(
        "POST /api/v1/live-stream-ban HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
        docket.token("creator"),
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut invitation = [0; 12];
    slow.read_exact(&mut invitation).await.unwrap();
    assert_eq!(&invitation, b"HTTP/1.1 100");

    let begun = Instant::now();
    docket.tell_to_end();
    while TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(docket.stop().await.success());
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
}
