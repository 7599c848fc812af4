//! What clients say of themselves, and where they really are.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Method};
use serde_json::{Map, Value};
use web::{TIMEZONES, TrustedProxies, edge};

use crate::support::{app, config, extra, request, routes, send};

async fn with_header(app: &Router, path: &str, name: &'static str, value: &[u8]) -> Value {
    let mut request = request(Method::GET, path).body(Body::empty()).unwrap();
    request.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
    send(app, request).await
}

#[tokio::test]
async fn an_unknown_value_is_refused_with_the_allowed_ones() {
    let app = app().await;
    let long = "a".repeat(129);
    let long_key = "a".repeat(256);
    let bad: [(&'static str, &[u8]); 13] = [
        ("x-language", b"de"),
        ("x-language", b""),
        ("x-language", b"EN"),
        ("x-platform", b"fridge"),
        ("x-platform", b"\xff"),
        ("x-timezone", b"UTC+01:30"),
        ("x-timezone", b"Europe/Istanbul"),
        ("x-app-version", long.as_bytes()),
        ("x-app-version", b"1.0\t2"),
        ("x-device-id", long.as_bytes()),
        ("x-device-id", "cihaz-ü".as_bytes()),
        ("idempotency-key", long_key.as_bytes()),
        ("idempotency-key", b""),
    ];
    let mut answers = Map::new();
    for (name, value) in bad {
        let answer = with_header(&app, "/api/v1/whoami", name, value).await;
        assert_eq!(answer["status"], 400, "{name}");
        let value = String::from_utf8_lossy(&value[..value.len().min(20)]).into_owned();
        answers.insert(format!("{name} {value}"), answer["body"]["errors"].clone());
    }
    insta::assert_json_snapshot!(answers);
}

#[tokio::test]
async fn both_dialects_refuse_a_header_in_their_form() {
    let app = app().await;
    let path = "/youtube/v3/whoami?part=id";
    let youtube = with_header(&app, path, "x-platform", b"fridge").await;
    insta::assert_json_snapshot!(youtube["body"], @r#"
    {
      "error": {
        "code": 400,
        "errors": [
          {
            "domain": "global",
            "location": "X-Platform",
            "locationType": "header",
            "message": "X-Platform: must be one of: web, mobile_ios, mobile_android, admin, api, unknown, all",
            "reason": "invalidHeader"
          }
        ],
        "message": "X-Platform: must be one of: web, mobile_ios, mobile_android, admin, api, unknown, all",
        "status": "INVALID_ARGUMENT"
      }
    }
    "#);
    let turkish = request(Method::GET, "/api/v1/whoami")
        .header("x-language", "tr")
        .header("x-platform", "fridge")
        .body(Body::empty());
    insta::assert_json_snapshot!(send(&app, turkish.unwrap()).await["body"], @r#"
    {
      "data": null,
      "errors": [
        "Doğrulama başarısız oldu",
        "X-Platform: şunlardan biri olmalıdır: web, mobile_ios, mobile_android, admin, api, unknown, all"
      ],
      "isSuccess": false,
      "statusCode": 400,
      "timestamp": "2026-01-15T10:30:00.000Z"
    }
    "#);
}

#[tokio::test]
async fn a_header_that_occurs_twice_is_refused() {
    let app = app().await;
    for name in ["x-language", "x-platform", "x-timezone", "x-app-version", "x-device-id"] {
        let value = if name == "x-language" { "en" } else { "web" };
        let value = if name == "x-timezone" { "UTC" } else { value };
        let request = |times| {
            let request = (0..times).fold(request(Method::GET, "/api/v1/whoami"), |request, _| {
                request.header(name, value)
            });
            request.body(Body::empty()).unwrap()
        };
        assert_eq!(send(&app, request(1)).await["status"], 200, "{name}");
        assert_eq!(send(&app, request(2)).await["status"], 400, "{name}");
    }
}

#[tokio::test]
async fn everything_a_client_says_reaches_the_handler() {
    let app = app().await;
    let all = request(Method::GET, "/api/v1/whoami")
        .header("x-language", "tr")
        .header("x-platform", "mobile_ios")
        .header("x-timezone", "UTC+03:00")
        .header("x-app-version", "4.2.0 (17)")
        .header("x-device-id", "device-1")
        .header("user-agent", "Allmine/4.2 \u{fc}")
        .header("idempotency-key", "key 1")
        .body(Body::empty());
    insta::assert_json_snapshot!(send(&app, all.unwrap()).await["body"]["data"], @r#"
    {
      "caller": "Caller { actor: Actor { id: UserId(\"673ac9e2c93fe18d3fdd23f1\"), roles: Roles({Moderator}) }, scopes: Scopes { youtube: true }, expires: Timestamp(2026-01-15T10:41:00Z) }",
      "client": "Client { dialect: Allmine, language: Turkish, platform: Some(MobileIos), timezone: Some(\"UTC+03:00\"), app_version: Some(\"4.2.0 (17)\"), device_id: Some(\"device-1\"), user_agent: Some(\"Allmine/4.2 ü\"), client_ip: None, correlation_id: CorrelationId(\"request-1\") }",
      "key": "key 1"
    }
    "#);
}

#[tokio::test]
async fn every_time_zone_of_the_contract_passes() {
    let app = app().await;
    assert_eq!(TIMEZONES.len(), 38);
    for name in TIMEZONES {
        let answer = with_header(&app, "/api/v1/whoami", "x-timezone", name.as_bytes()).await;
        assert_eq!(answer["status"], 200, "{name}");
    }
}

#[tokio::test]
async fn a_request_id_is_echoed_or_made() {
    let app = app().await;
    let echoed = |id: &str| {
        let mut request = request(Method::GET, "/nowhere").body(Body::empty()).unwrap();
        request.headers_mut().insert("x-request-id", HeaderValue::from_str(id).unwrap());
        request
    };
    let id = |answer: &Value| answer["headers"]["x-request-id"].as_str().unwrap().to_owned();
    for good in ["a", "018f-4c3d/x:y", &"a".repeat(128)] {
        assert_eq!(id(&send(&app, echoed(good)).await), good);
    }
    for bad in ["", "a b", &"a".repeat(129)] {
        let made = id(&send(&app, echoed(bad)).await);
        assert!(made.parse::<ulid::Ulid>().is_ok(), "{bad} became {made}");
    }
    let first = id(&send(&app, echoed("")).await);
    assert_ne!(first, id(&send(&app, echoed("")).await));
}

async fn address(trusted: &str, peer: Option<&str>, forwarded: &[&str]) -> String {
    let mut config = config().await;
    config.trusted_proxies = trusted.parse().unwrap();
    let app = edge(routes(), config, extra());
    let mut request = request(Method::GET, "/api/v1/whoami").body(Body::empty()).unwrap();
    for value in forwarded {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        request.headers_mut().append("x-forwarded-for", value);
    }
    if let Some(peer) = peer {
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
    }
    let answer = send(&app, request).await;
    let client = answer["body"]["data"]["client"].as_str().unwrap().to_owned();
    let rest = client.split_once("client_ip: ").unwrap().1;
    rest.split_once(", correlation_id").unwrap().0.to_owned()
}

#[tokio::test]
async fn only_trusted_proxies_say_where_a_client_is() {
    let peer = Some("10.0.0.1:4711");
    let cases: [(&str, Option<&str>, &[&str], &str); 15] = [
        ("", peer, &[], "Some(10.0.0.1)"),
        ("", peer, &["203.0.113.9"], "Some(10.0.0.1)"),
        ("10.0.0.0/8", None, &["203.0.113.9"], "None"),
        ("10.0.0.0/8", peer, &[], "Some(10.0.0.1)"),
        ("10.0.0.0/8", peer, &["203.0.113.9"], "Some(203.0.113.9)"),
        ("10.0.0.1", peer, &["203.0.113.9:1234"], "Some(203.0.113.9)"),
        ("10.0.0.2", peer, &["203.0.113.9"], "Some(10.0.0.1)"),
        // What stands left of the first untrusted address, the client may have made up.
        ("10.0.0.0/8", peer, &["198.51.100.1, 203.0.113.9"], "Some(203.0.113.9)"),
        ("10.0.0.0/8", peer, &["198.51.100.1, 203.0.113.9, 10.9.9.9"], "Some(203.0.113.9)"),
        ("10.0.0.0/8", peer, &["198.51.100.1", "203.0.113.9 , 10.9.9.9"], "Some(203.0.113.9)"),
        ("10.0.0.0/8", peer, &["10.2.2.2, 10.9.9.9"], "Some(10.2.2.2)"),
        ("10.0.0.0/8", peer, &["203.0.113.9, unknown, 10.9.9.9"], "Some(10.9.9.9)"),
        ("10.0.0.0/8", peer, &["203.0.113.9", "ü"], "Some(10.0.0.1)"),
        ("10.0.0.0/8, ::1", Some("[::1]:80"), &["[2001:db8::7]:443"], "Some(2001:db8::7)"),
        ("10.0.0.0/8", Some("[::ffff:10.0.0.1]:80"), &["203.0.113.9"], "Some(203.0.113.9)"),
    ];
    for (trusted, peer, forwarded, expected) in cases {
        let found = address(trusted, peer, forwarded).await;
        assert_eq!(found, expected, "{trusted} {peer:?} {forwarded:?}");
    }
}

#[test]
fn trusted_proxies_are_networks() {
    assert!("10.0.0.0/8,2001:db8::/32 , 192.0.2.1".parse::<TrustedProxies>().is_ok());
    assert_eq!(" ".parse::<TrustedProxies>().unwrap(), TrustedProxies::default());
    for bad in ["everyone", "10.0.0.0/33", "10.0.0.0/8 11.0.0.0/8"] {
        assert!(bad.parse::<TrustedProxies>().is_err(), "{bad}");
    }
}
