//! What every cookie of the dashboard has in common.

use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum_extra::extract::cookie::{Cookie, SameSite};

/// A cookie for pages under `path`, which no script sees; `Secure` unless the page was served to this machine
/// alone.
pub(super) fn cookie(
    name: &'static str,
    value: String,
    same_site: SameSite,
    path: &'static str,
    headers: &HeaderMap,
) -> Cookie<'static> {
    let mut cookie = Cookie::new(name, value);
    cookie.set_http_only(true);
    cookie.set_same_site(same_site);
    cookie.set_secure(!is_loopback(headers));
    cookie.set_path(path);
    cookie
}

/// Makes the browser forget a cookie for pages under `path`.
pub(super) fn removal(name: &'static str, path: &'static str) -> Cookie<'static> {
    let mut cookie = Cookie::new(name, "");
    cookie.set_path(path);
    cookie.make_removal();
    cookie
}

/// Whether the browser asked for this machine by a name that no other machine has.
fn is_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let name = host.and_then(|host| host.parse::<Authority>().ok());
    name.is_some_and(|name| matches!(name.host(), "localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_names_of_this_machine_alone_are_loopback() {
        let host = |host| HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
        for name in ["localhost:8080", "127.0.0.1", "[::1]:8080"] {
            assert!(is_loopback(&host(name)), "{name}");
        }
        for name in ["localhost.example.org", "example.org:80", "127.0.0.1.nip.io", "::1", ""] {
            assert!(!is_loopback(&host(name)), "{name}");
        }
        assert!(!is_loopback(&HeaderMap::new()));
    }
}
