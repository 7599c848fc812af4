//! Real HTTP for a router under test.

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;

/// Serves the router on a free port until the test's runtime ends; answers its base URL, without a
/// slash at the end.
pub async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    serve_on(listener, router);
    format!("http://{address}")
}

/// Serves the router until the test's runtime ends.
pub(crate) fn serve_on(listener: TcpListener, router: Router) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
}
