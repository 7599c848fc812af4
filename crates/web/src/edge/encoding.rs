//! What a client says of compression, reduced to what we offer.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_ENCODING, HeaderValue};

/// Leaves `gzip` or nothing. A client that takes neither gets an answer all the same: to refuse it after
/// the command has been carried out would be worse.
pub(super) async fn gzip_or_none(mut request: Request) -> Request {
    let headers = request.headers_mut();
    let gzip = takes_gzip(headers);
    headers.remove(ACCEPT_ENCODING);
    if gzip {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    request
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = lists.flat_map(|list| list.split(','));
    codings.any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let quality = quality.trim().strip_prefix("q=").map(str::parse::<f32>);
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(quality, Some(Ok(0.0)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_taken_when_it_is_named_and_not_refused() {
        for (header, gzip) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("deflate,gzip ;q=1", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000, br", false),
            ("identity;q=0", false),
            ("*;q=0", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, header.parse().unwrap())]);
            assert_eq!(takes_gzip(&headers), gzip, "{header}");
        }
    }
}
