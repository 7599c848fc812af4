//! How feeds show that they live, and how they end.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use query_api::feed::FeedConfig;
use serde_json::{Value, json};
use service::http::{self, HttpLimits};
use testing::tokens;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

use super::FEED;
use super::history::fill;
use super::listener::{Frame, Listener};
use crate::support::{CREATOR, NewBan, NewReport, STAFF, Stage};

fn often() -> FeedConfig {
    FeedConfig { heartbeat: Duration::from_millis(50), ..FeedConfig::default() }
}

#[tokio::test]
async fn silence_is_broken_and_the_position_goes_along() {
    let stage = Stage::with(often(), |log| log).await;
    let mut creator = Listener::start(&stage, CREATOR).await;
    let silence = Some(Frame::Comment("still here".to_owned()));
    assert_eq!(creator.frame().await, silence);
    stage.report(NewReport::default()).await;
    let passed =
        Frame::Event { id: 1, name: "Position".to_owned(), data: json!({"position": "1"}) };
    let mut frame = creator.frame().await;
    while frame == silence {
        frame = creator.frame().await;
    }
    assert_eq!(frame, Some(passed));
    assert_eq!(creator.frame().await, silence);
}

#[tokio::test]
async fn it_ends_with_the_token() {
    let stage = Stage::with(often(), |log| log).await;
    let mut claims = tokens::claims(STAFF.0, STAFF.1);
    // A quarter of an hour after now, when the stage's clock stands still.
    claims["exp"] = Value::from(1_768_479_300);
    let request = || {
        let url = format!("{}{FEED}", stage.base());
        reqwest::Client::new().get(url).bearer_auth(tokens::sign(&claims))
    };
    let mut listener = Listener::request(request()).await;
    stage.clock.advance(TimeDelta::minutes(15));
    stage.ban(NewBan::default()).await;
    assert_eq!(listener.positions(1).await, [1]);
    // A minute more, since clocks differ; until then it would be let in again.
    stage.clock.advance(TimeDelta::minutes(1));
    while let Some(frame) = listener.frame().await {
        assert_eq!(frame, Frame::Comment("still here".to_owned()));
    }
    assert_eq!(request().send().await.unwrap().status().as_u16(), 401);
}

/// Serves a read side of this stage as the services do.
async fn serve(
    stage: &Stage,
    config: FeedConfig,
    limits: HttpLimits,
) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<std::io::Result<()>>) {
    let router = stage.router(config).await;
    let listener = http::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let (address, end) = (listener.local_addr().unwrap(), CancellationToken::new());
    let ending = end.clone();
    let task =
        tokio::spawn(async move { http::serve_with(listener, router, ending, &limits).await });
    (address, end, task)
}

/// Asks over a socket that takes in little, and reads nothing.
async fn deaf(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let token = tokens::token(STAFF.0, STAFF.1);
    let head = format!(
        "GET {FEED} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    stream
}

#[tokio::test]
async fn a_shutdown_ends_it_at_once() {
    let stage = Stage::new().await;
    let (address, end, served) = serve(&stage, FeedConfig::default(), HttpLimits::default()).await;
    let url = format!("http://{address}{FEED}");
    let token = tokens::token(STAFF.0, STAFF.1);
    let request = reqwest::Client::new().get(url).bearer_auth(token);
    let mut listener = Listener::request(request).await;
    let begun = Instant::now();
    end.cancel();
    assert_eq!(listener.frame().await, None);
    served.await.unwrap().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

/// The events of a slow client may not pile up here; it gets what had gone out, and comes back for the rest.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_too_slow_is_cut_off_between_two_events() {
    let stage = Stage::new().await;
    let impatient = FeedConfig { patience: Duration::ZERO, ..FeedConfig::default() };
    let (address, _end, _served) = serve(&stage, impatient, HttpLimits::default()).await;
    let mut slow = deaf(address).await;
    let mut quick = Listener::start(&stage, STAFF).await;
    // More than all buffers on the way hold, and more events than may wait.
    let reason = "ş".repeat(4_000);
    let (mut written, events) = (0, 2_000);
    for _ in 0..4 {
        fill(&stage, events / 4, &reason).await;
        written += events / 4;
        while quick.event().await.unwrap().0 < written {}
    }
    let mut text = String::new();
    slow.read_to_string(&mut text).await.unwrap();
    assert!(text.ends_with("\r\n0\r\n\r\n"), "the answer ends as it should");
    let ids: Vec<u64> = text
        .split("id: ")
        .skip(3)
        .map(|frame| frame.split_once('\n').unwrap().0.parse().unwrap())
        .collect();
    let last = *ids.last().unwrap();
    assert_eq!(ids, (1..=last).collect::<Vec<_>>());
    assert!(last < events, "it got all {last}");
    let mut again = Listener::resume(&stage, STAFF, last).await;
    let rest: Vec<u64> = (last + 1..=events).collect();
    assert_eq!(again.positions(rest.len()).await, rest);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_nothing_loses_the_connection() {
    let stage = Stage::new().await;
    let limits = HttpLimits { http_write_timeout: 1, ..HttpLimits::default() };
    let config = FeedConfig { feed_limit: 1, ..FeedConfig::default() };
    let (address, _end, _served) = serve(&stage, config, limits).await;
    let dead = deaf(address).await;
    fill(&stage, 2_000, &"ş".repeat(4_000)).await;
    let url = format!("http://{address}{FEED}");
    testing::eventually("its place to be free", async || {
        let token = tokens::token(CREATOR.0, CREATOR.1);
        let answer = reqwest::Client::new().get(&url).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16() == 200).then_some(())
    })
    .await;
    drop(dead);
}
