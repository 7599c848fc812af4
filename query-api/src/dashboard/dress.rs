//! Around every page: nobody else's page commands through it, it runs nothing that is not ours, and what
//! goes wrong looks like a page.

use askama::Template;
use axum::extract::Request;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, RETRY_AFTER, X_FRAME_OPTIONS,
};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use events::Dialect;
use web::{Kind, Problem, Reason};

use super::page::Frame;
use super::visit::Taste;

/// Everything comes from here, and nothing is written into a page to be run.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// What goes wrong, as a page.
#[derive(Template)]
#[template(path = "problem.html")]
struct Trouble {
    frame: Frame,
    status: u16,
    title: String,
    reasons: Vec<String>,
}

/// Lets only our own pages command; gives the answer the form of a page.
pub(super) async fn dress(request: Request, next: Next) -> Response {
    let taste = Taste::of(request.headers());
    let mut response = if request.method().is_safe() || is_ours(request.headers()) {
        next.run(request).await
    } else {
        Problem::new(Kind::Forbidden).because(Reason::new("dashboard-foreign")).into_response()
    };
    response = in_words(response, &taste);
    protect(response.headers_mut());
    response
}

/// Whether the browser says that the request comes from a page of ours. Every browser says so in
/// `Sec-Fetch-Site` since 2023, and in `Origin` before.
fn is_ours(headers: &HeaderMap) -> bool {
    const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    if let Some(site) = headers.get(FETCH_SITE) {
        return site == "same-origin";
    }
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let origin = origin.and_then(|origin| origin.parse::<Uri>().ok());
    let origin = origin.as_ref().and_then(Uri::authority).map(Authority::as_str);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    origin.is_some() && origin == host
}

/// A problem gets its page; so does an error that the router raised.
fn in_words(mut response: Response, taste: &Taste) -> Response {
    let status = response.status();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if status.as_u16() < 400 || is_page(response.headers()) => return response,
        None => Problem::new(Kind::of(status)),
    };
    let status = problem.kind.status(Dialect::Allmine);
    let mut texts = problem.texts(taste.texts.0).into_iter();
    let page = Trouble {
        frame: Frame::open(taste),
        status: status.as_u16(),
        title: texts.next().unwrap_or_default(),
        reasons: texts.collect(),
    };
    problem.log();
    let mut response = match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    if let Some(seconds) = problem.retry_seconds() {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

fn is_page(headers: &HeaderMap) -> bool {
    let html = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/html");
    headers.get(axum::http::header::CONTENT_TYPE).is_some_and(html)
}

fn protect(headers: &mut HeaderMap) {
    const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
    const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let line =
            |&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        lines.iter().map(line).collect()
    }

    #[test]
    fn only_pages_of_ours_may_command() {
        let host = ("host", "mod.example.org:8443");
        assert!(is_ours(&headers(&[host, ("sec-fetch-site", "same-origin")])));
        assert!(is_ours(&headers(&[host, ("origin", "https://mod.example.org:8443")])));
        for foreign in [
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "none"),
            ("origin", "https://example.org"),
            ("origin", "https://mod.example.org"),
            ("origin", "null"),
            ("referer", "https://mod.example.org:8443/dashboard"),
        ] {
            assert!(!is_ours(&headers(&[host, foreign])), "{foreign:?}");
        }
        let both =
            [host, ("sec-fetch-site", "cross-site"), ("origin", "https://mod.example.org:8443")];
        assert!(!is_ours(&headers(&both)));
    }
}
