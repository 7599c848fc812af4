//! The limits of the listener, over real sockets.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, UPGRADE};
use axum::response::IntoResponse;
use axum::routing::get;
use hyper_util::rt::TokioIo;
use service::http::{self, BindError, HttpLimits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

struct Served {
    address: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
}

async fn serve(router: Router, limits: HttpLimits) -> Served {
    let listener = http::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let ending = shutdown.clone();
    let task =
        tokio::spawn(async move { http::serve_with(listener, router, ending, &limits).await });
    Served { address, shutdown, task }
}

fn peer_route() -> Router {
    let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    Router::new().route("/", get(peer))
}

async fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn status_line(answer: &str) -> &str {
    answer.lines().next().unwrap_or_default()
}

#[tokio::test]
async fn a_handler_sees_its_peer() {
    let served = serve(peer_route(), HttpLimits::default()).await;
    let url = format!("http://{}/", served.address);
    assert_eq!(reqwest::get(url).await.unwrap().text().await.unwrap(), "127.0.0.1");
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let limits = HttpLimits { http_header_timeout: 1, ..HttpLimits::default() };
    let served = serve(peer_route(), limits).await;
    let answer = tokio::time::timeout(
        Duration::from_secs(10),
        ask(served.address, "GET / HTTP/1.1\r\nHost: here\r\nX-Slow: "),
    );
    assert_eq!(answer.await.expect("closed by the server"), "");
}

#[tokio::test]
async fn too_many_or_too_large_headers_are_refused() {
    let served = serve(peer_route(), HttpLimits::default()).await;
    let many = "X-Many: 1\r\n".repeat(101);
    let answer = ask(served.address, &format!("GET / HTTP/1.1\r\nHost: here\r\n{many}\r\n")).await;
    assert_eq!(status_line(&answer), "HTTP/1.1 431 Request Header Fields Too Large");
    let large = "x".repeat(64 * 1024);
    let answer = ask(served.address, &format!("GET / HTTP/1.1\r\nX-Large: {large}")).await;
    assert_eq!(status_line(&answer), "HTTP/1.1 431 Request Header Fields Too Large");
}

#[tokio::test]
async fn a_connection_over_the_limit_waits_for_a_place() {
    let limits = HttpLimits { http_max_connections: 1, ..HttpLimits::default() };
    let served = serve(peer_route(), limits).await;
    let mut first = TcpStream::connect(served.address).await.unwrap();
    first.write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").await.unwrap();
    first.read_u8().await.unwrap();

    let request = "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
    let mut second = Box::pin(ask(served.address, request));
    let early = tokio::time::timeout(Duration::from_millis(200), second.as_mut()).await;
    assert!(early.is_err(), "answered although the only place was taken");
    drop(first);
    assert_eq!(status_line(&second.await), "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_client_that_never_reads_loses_its_place() {
    let large = || async { vec![0_u8; 64 * 1024 * 1024] };
    let router = peer_route().route("/large", get(large));
    let limits =
        HttpLimits { http_max_connections: 1, http_write_timeout: 1, ..HttpLimits::default() };
    let served = serve(router, limits).await;
    let mut deaf = TcpStream::connect(served.address).await.unwrap();
    deaf.write_all(b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n").await.unwrap();

    let request = "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
    let answer = tokio::time::timeout(Duration::from_secs(10), ask(served.address, request));
    assert_eq!(status_line(&answer.await.expect("there is a place")), "HTTP/1.1 200 OK");
    drop(deaf);
}

/// Takes the connection over, and says back what it hears until it is closed.
async fn echo(mut request: Request) -> impl IntoResponse {
    let taken_over = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut stream = TokioIo::new(taken_over.await.unwrap());
        let mut heard = [0; 4];
        while let Ok(4) = stream.read_exact(&mut heard).await {
            stream.write_all(&heard).await.unwrap();
        }
    });
    (StatusCode::SWITCHING_PROTOCOLS, [(CONNECTION, "upgrade"), (UPGRADE, "echo")])
}

#[tokio::test]
async fn a_connection_that_is_taken_over_keeps_its_place_until_it_is_closed() {
    let limits = HttpLimits { http_max_connections: 1, ..HttpLimits::default() };
    let served = serve(peer_route().route("/echo", get(echo)), limits).await;
    let mut first = TcpStream::connect(served.address).await.unwrap();
    let request =
        "GET /echo HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
    first.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(first.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&answer));

    let request = "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
    let mut second = Box::pin(ask(served.address, request));
    let early = tokio::time::timeout(Duration::from_millis(200), second.as_mut()).await;
    assert!(early.is_err(), "answered although the only place was taken");
    let mut heard = [0; 4];
    first.write_all(b"ping").await.unwrap();
    first.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"ping");
    drop(first);
    assert_eq!(status_line(&second.await), "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_request_in_flight_is_answered_during_the_drain_and_new_ones_are_refused() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (started, waits) = (Arc::clone(&begun), Arc::clone(&go_on));
    let slow = move || async move {
        started.notify_one();
        waits.notified().await;
        "done"
    };
    let served = serve(Router::new().route("/", get(slow)), HttpLimits::default()).await;
    let unused = TcpStream::connect(served.address).await.unwrap();
    let answer = tokio::spawn(reqwest::get(format!("http://{}/", served.address)));
    begun.notified().await;

    served.shutdown.cancel();
    while TcpStream::connect(served.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    go_on.notify_one();
    assert_eq!(answer.await.unwrap().unwrap().text().await.unwrap(), "done");
    let ended = tokio::time::timeout(Duration::from_secs(5), served.task).await;
    ended.expect("an unused connection holds up nothing").unwrap().unwrap();
    drop(unused);
}

#[tokio::test]
async fn the_drain_is_bounded() {
    let begun = Arc::new(Notify::new());
    let started = Arc::clone(&begun);
    let never = move || async move {
        started.notify_one();
        std::future::pending::<()>().await;
    };
    let limits = HttpLimits { http_drain_timeout: 1, ..HttpLimits::default() };
    let served = serve(Router::new().route("/", get(never)), limits).await;
    let answer = tokio::spawn(reqwest::get(format!("http://{}/", served.address)));
    begun.notified().await;
    served.shutdown.cancel();
    served.task.await.unwrap().unwrap();
    assert!(answer.await.unwrap().is_err());
}

#[tokio::test]
async fn a_busy_port_is_told_in_one_line() {
    let taken = http::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = taken.local_addr().unwrap();
    let error = http::bind(address).await.unwrap_err();
    assert!(matches!(error, BindError::Busy(busy) if busy == address));
    assert_eq!(
        error.to_string(),
        format!("{address} is in use by another process: stop that one, or choose another address")
    );
}
