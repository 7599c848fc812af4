//! Style sheets and scripts, compiled in: nothing comes from an outside network.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use web::{Kind, Problem};

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Name, content type, content.
type Asset = (&'static str, &'static str, &'static str);

macro_rules! asset {
    ($name:literal, $kind:expr, $file:literal) => {
        ($name, $kind, include_str!(concat!("../../assets/", $file)))
    };
}

/// Every file that a page may ask for.
const ASSETS: [Asset; 8] = [
    asset!("dashboard.css", STYLE, "dashboard.css"),
    asset!("dashboard.js", SCRIPT, "dashboard.js"),
    asset!("counter.js", SCRIPT, "counter.js"),
    asset!("htmx.js", SCRIPT, "htmx/htmx.min.js"),
    asset!("hx-sse.js", SCRIPT, "htmx/hx-sse.min.js"),
    asset!("queue.css", STYLE, "queue.css"),
    asset!("queue.js", SCRIPT, "queue.js"),
    asset!("icon.svg", "image/svg+xml", "icon.svg"),
];

/// Stands in the address of each asset, and is another one whenever any of them is, so that browsers may
/// keep them for as long as they like.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    ASSETS.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
});

/// A file. Open to all: the sign-in page is made of them, too.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let Some((_, kind, content)) = ASSETS.iter().find(|(known, ..)| *known == name) else {
        return Problem::new(Kind::NotFound).into_response();
    };
    let headers = [(CONTENT_TYPE, *kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, *content).into_response()
}
