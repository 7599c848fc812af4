//! Tokens that must not pass, and the ways to send one that may.

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, SECRET, app, claims, now, send, sign, token};

fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    sign(&claims)
}

fn without(name: &str) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    sign(&claims)
}

/// A token whose header is this, signed with our secret or not at all.
fn forged(head: &Value, signed: bool) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(head), part(&claims()));
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let sign = || jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    let signature = if signed { sign() } else { String::new() };
    format!("{message}.{signature}")
}

fn signed_by(secret: &[u8], algorithm: Algorithm) -> String {
    let key = EncodingKey::from_secret(secret);
    jsonwebtoken::encode(&Header::new(algorithm), &claims(), &key).unwrap()
}

fn bad_tokens() -> Vec<(&'static str, String)> {
    let good = token();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let seconds = |from_now: i64| json!(now().timestamp() + from_now);
    vec![
        ("alg none, unsigned", forged(&json!({"alg": "none"}), false)),
        ("alg none, signed", forged(&json!({"alg": "none"}), true)),
        ("alg NoNe", forged(&json!({"alg": "NoNe"}), false)),
        ("alg missing", forged(&json!({"typ": "JWT"}), true)),
        ("another HMAC", signed_by(SECRET.as_bytes(), Algorithm::HS384)),
        ("another secret", signed_by(b"another secret of more than 32 bytes", Algorithm::HS256)),
        ("claims to be RS256", forged(&json!({"alg": "RS256"}), true)),
        (
            "critical extension",
            forged(&json!({"alg": "HS256", "crit": ["b64"], "b64": false}), true),
        ),
        ("no critical extension", forged(&json!({"alg": "HS256", "crit": []}), true)),
        (
            "signature of another token",
            format!("{message}.{}", &with("nbf", json!(1))[message.len() + 1..]),
        ),
        ("no signature", format!("{message}.")),
        ("signature cut", format!("{message}.{}", &signature[..20])),
        ("two parts", message.to_owned()),
        ("four parts", format!("{good}.{signature}")),
        ("padded", format!("{good}=")),
        ("garbage", "garbage".to_owned()),
        ("dots", "..".to_owned()),
        ("spaces", "a b c".to_owned()),
        ("not ASCII", "ü.ü.ü".to_owned()),
        ("too long", format!("{good}{}", "A".repeat(8 * 1024))),
        ("expired", with("exp", seconds(-60))),
        ("expired long ago", with("exp", json!(0))),
        ("expires before time began", with("exp", json!(-1))),
        ("exp as text", with("exp", json!("4102444800"))),
        ("exp null", with("exp", json!(null))),
        ("exp missing", without("exp")),
        ("nbf ahead", with("nbf", seconds(61))),
        ("nbf as text", with("nbf", json!("0"))),
        ("iss missing", without("iss")),
        ("iss wrong", with("iss", json!("https://issuer.example.evil"))),
        ("iss empty list", with("iss", json!([]))),
        ("aud missing", without("aud")),
        ("aud wrong", with("aud", json!("docket-2"))),
        ("aud empty list", with("aud", json!([]))),
        ("sub missing", without("sub")),
        ("sub empty", with("sub", json!(""))),
        ("sub no user", with("sub", json!("../admin"))),
        ("sub a number", with("sub", json!(17))),
        ("sub too long", with("sub", json!("a".repeat(129)))),
        ("roles a text", with("roles", json!("admin"))),
        ("roles of numbers", with("roles", json!([1]))),
        ("scope a list", with("scope", json!(["a"]))),
    ]
}

fn carrying(authorization: &[u8]) -> Request<Body> {
    let request = Request::builder().uri("/api/v1/whoami").header("x-request-id", "request-1");
    request.header(header::AUTHORIZATION, authorization).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn bad_tokens_are_refused() {
    let app = app().await;
    let mut answers = Vec::new();
    for (name, token) in bad_tokens() {
        let answer = send(&app, carrying(format!("Bearer {token}").as_bytes())).await;
        assert_eq!(answer["status"], 401, "{name}");
        assert_eq!(answer["body"]["errors"][0], "Authentication required");
        let challenge = answer["headers"]["www-authenticate"].as_str().unwrap();
        let why = answer["body"]["errors"][1].as_str().unwrap();
        answers.push(format!("{name}: {why} | {challenge}"));
    }
    insta::assert_json_snapshot!(answers);
}

#[tokio::test]
async fn good_tokens_pass() {
    let app = app().await;
    let seconds = |from_now: i64| json!(now().timestamp() + from_now);
    let good = [
        ("plain", token()),
        ("within the leeway after exp", with("exp", seconds(-59))),
        ("within the leeway before nbf", with("nbf", seconds(60))),
        ("exp with a fraction", with("exp", json!(4_102_444_800.5))),
        ("aud a list", with("aud", json!(["other", AUDIENCE]))),
        ("no roles", without("roles")),
        ("no scope", without("scope")),
        (
            "any kid: there is one key",
            forged(&json!({"alg": "HS256", "kid": "../../etc/passwd"}), true),
        ),
        (
            "a key of its own, not looked at",
            forged(&json!({"alg": "HS256", "jku": "http://evil.example"}), true),
        ),
    ];
    for (name, token) in good {
        let first = send(&app, carrying(format!("Bearer {token}").as_bytes())).await;
        assert_eq!(first["status"], 200, "{name}: {first}");
        let again = send(&app, carrying(format!("Bearer {token}").as_bytes())).await;
        assert_eq!(again, first, "{name}, remembered");
    }
}

#[tokio::test]
async fn the_header_takes_one_bearer_token() {
    let app = app().await;
    let token = token();
    let ways = [
        (format!("Bearer {token}"), 200),
        (format!("bearer {token}"), 200),
        (format!("BEARER   {token} "), 200),
        (format!("Bearer{token}"), 401),
        (format!("Basic {token}"), 401),
        (format!("Bearer {token}, Bearer {token}"), 401),
        (token.clone(), 401),
        ("Bearer".to_owned(), 401),
        ("Bearer ".to_owned(), 401),
        (String::new(), 401),
    ];
    for (header, status) in ways {
        let answer = send(&app, carrying(header.as_bytes())).await;
        assert_eq!(answer["status"], status, "{header}");
    }
    let mut twice = carrying(format!("Bearer {token}").as_bytes());
    let header = twice.headers()[header::AUTHORIZATION].clone();
    twice.headers_mut().append(header::AUTHORIZATION, header);
    insta::assert_json_snapshot!(send(&app, twice).await, @r#"
    {
      "body": {
        "data": null,
        "errors": [
          "Authentication required",
          "the header Authorization must occur once and hold ASCII only"
        ],
        "isSuccess": false,
        "statusCode": 401,
        "timestamp": "2026-01-15T10:30:00.000Z"
      },
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json",
        "vary": "accept-encoding",
        "www-authenticate": "Bearer realm=\"docket\", error=\"invalid_request\"",
        "x-content-type-options": "nosniff",
        "x-request-id": "request-1"
      },
      "status": 401
    }
    "#);
    let binary = send(&app, carrying(b"Bearer \xff\xfe")).await;
    assert_eq!(binary["status"], 401);
}

#[tokio::test]
async fn google_s_form_names_the_header() {
    let app = app().await;
    let request = Request::builder().uri("/youtube/v3/whoami").header("x-request-id", "request-1");
    let request = request.body(Body::empty()).unwrap();
    insta::assert_json_snapshot!(send(&app, request).await, @r#"
    {
      "body": {
        "error": {
          "code": 401,
          "errors": [
            {
              "domain": "global",
              "location": "Authorization",
              "locationType": "header",
              "message": "a bearer token is required in the header Authorization",
              "reason": "authError"
            }
          ],
          "message": "a bearer token is required in the header Authorization",
          "status": "UNAUTHENTICATED"
        }
      },
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json; charset=UTF-8",
        "vary": "accept-encoding",
        "www-authenticate": "Bearer realm=\"docket\"",
        "x-content-type-options": "nosniff",
        "x-request-id": "request-1"
      },
      "status": 401
    }
    "#);
}

#[tokio::test]
async fn youtube_wants_one_of_its_scopes() {
    let app = app().await;
    let request = |scope: &str| {
        let token = with("scope", json!(scope));
        let request = Request::builder().uri("/youtube/v3/whoami?part=id&prettyPrint=false");
        let request = request.header("x-request-id", "request-1");
        request
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap()
    };
    for scope in ["youtube", "youtube.force-ssl"] {
        let scope = format!("email https://www.googleapis.com/auth/{scope}");
        assert_eq!(send(&app, request(&scope)).await["status"], 200);
    }
    for scope in ["", "https://www.googleapis.com/auth/youtube.readonly"] {
        assert_eq!(send(&app, request(scope)).await["status"], 403);
    }
    insta::assert_json_snapshot!(send(&app, request("email")).await, @r#"
    {
      "body": {
        "error": {
          "code": 403,
          "errors": [
            {
              "domain": "global",
              "message": "the token lacks a scope that this call needs",
              "reason": "insufficientPermissions"
            }
          ],
          "message": "the token lacks a scope that this call needs",
          "status": "PERMISSION_DENIED"
        }
      },
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json; charset=UTF-8",
        "vary": "accept-encoding",
        "www-authenticate": "Bearer realm=\"docket\", error=\"insufficient_scope\"",
        "x-content-type-options": "nosniff",
        "x-request-id": "request-1"
      },
      "status": 403
    }
    "#);
}

#[tokio::test]
async fn a_token_in_the_address_is_refused() {
    let app = app().await;
    for name in ["access_token", "oauth_token", "access%5Ftoken"] {
        let path = format!("/youtube/v3/whoami?part=id&{name}={}", token());
        let request = Request::builder().uri(path).header("x-request-id", "request-1");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", token()));
        let answer = send(&app, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer["status"], 401);
        assert_eq!(answer["body"]["error"]["errors"][0]["reason"], "authError");
    }
}
