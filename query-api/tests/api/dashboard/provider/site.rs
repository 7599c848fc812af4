//! A read side whose people sign in at a provider, and a browser of theirs.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use event_log::postgres::{PostgresLog, PostgresLogConfig};
use openidconnect::ClientSecret;
use query_api::App;
use query_api::dashboard::{self, Dashboard, DashboardConfig, Guests};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde_json::Value;
use service::ManualClock;
use testing::openid::{CLIENT_ID, CLIENT_SECRET, Provider};
use testing::{Database, World, tokens};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use web::EdgeConfig;

use crate::dashboard::Page;
use crate::support::{NOW, master, verifier};

/// It, and where its people sign in.
pub(super) struct Site {
    pub(super) base: String,
    pub(super) clock: Arc<ManualClock>,
    provider: Option<Provider>,
    http: Client,
    _database: Database,
    _end: DropGuard,
}

/// Where a browser was sent, and what it keeps until it is back.
pub(super) struct Left {
    pub(super) location: String,
    pub(super) cookies: Vec<String>,
}

impl Site {
    /// With a provider that lets staff in.
    pub(super) async fn start(configure: impl FnOnce(&mut DashboardConfig)) -> Self {
        let token = tokens::token(World::STAFF, &["moderator"]);
        let provider = Provider::start(token).await;
        let issuer = provider.issuer.clone();
        let mut site = Self::at(issuer, configure).await;
        site.provider = Some(provider);
        site
    }

    /// With whatever is at this address for a provider.
    pub(super) async fn at(issuer: String, configure: impl FnOnce(&mut DashboardConfig)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut config = DashboardConfig { public_url: Some(base.clone()), ..Default::default() };
        config.oidc.oidc_issuer_url = Some(issuer);
        config.oidc.oidc_client_id = Some(CLIENT_ID.to_owned());
        config.oidc.oidc_client_secret = Some(ClientSecret::new(CLIENT_SECRET.to_owned()));
        configure(&mut config);

        let database = Database::create().await;
        let now: DateTime<Utc> = NOW.parse().unwrap();
        let (clock, end) = (Arc::new(ManualClock::new(now)), CancellationToken::new());
        let log = PostgresLog::connect(PostgresLogConfig::new(&database.url)).await.unwrap();
        let pool = query_api::connect(&database.url, 3).unwrap();
        let app = App::start(Arc::new(log), pool, master(), clock.clone(), end.clone());
        let edge = EdgeConfig::new(Arc::new(verifier(&clock).await), clock.clone());
        let provider = config.provider(clock.clone()).unwrap();
        let (verifier, nobody) = (Arc::clone(&edge.verifier), "http://127.0.0.1:1");
        let dashboard =
            Dashboard::new(app.clone(), verifier, nobody, Guests::default(), provider).unwrap();
        let router = web::edge(query_api::routes(app), edge, dashboard::routes(dashboard));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        let end = end.drop_guard();
        Self { base, clock, provider: None, http, _database: database, _end: end }
    }

    pub(super) fn provider(&self) -> &Provider {
        self.provider.as_ref().unwrap()
    }

    /// What is at a path, or at an address of ours.
    pub(super) async fn get(&self, path: &str, cookie: Option<&str>) -> Page {
        let cookie = cookie.map(|cookie| ("Cookie", cookie));
        self.get_with(path, cookie.as_slice()).await
    }

    pub(super) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let path = path.strip_prefix(&self.base).unwrap_or(path);
        let mut request = self.http.get(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Page::of(request.send().await.unwrap()).await
    }

    /// Leaves for the provider, which is to lead to `next` in the end.
    pub(super) async fn leave(&self, next: &str) -> Left {
        let url = Url::parse_with_params("http://x/dashboard/sign-in/provider", [("next", next)]);
        let path = &url.unwrap().as_str()["http://x".len()..].to_owned();
        let page = self.get(path, None).await;
        assert_eq!(page.status, 303, "{}", page.html);
        let cookies = page.cookies().into_iter().map(str::to_owned).collect();
        Left { location: page.header("location").to_owned(), cookies }
    }

    /// Where the provider sends a browser that was sent there.
    pub(super) async fn sent_back(&self, left: &Left) -> String {
        let answer = self.http.get(&left.location).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    /// What a browser gets that comes back from the provider.
    pub(super) async fn come_back(&self, left: &Left) -> Page {
        self.get(&self.sent_back(left).await, Some(left.cookie())).await
    }

    /// All of it.
    pub(super) async fn sign_in(&self, next: &str) -> Page {
        self.come_back(&self.leave(next).await).await
    }
}

impl Left {
    /// As the browser sends it.
    pub(super) fn cookie(&self) -> &str {
        self.cookies[0].split(';').next().unwrap()
    }
}

impl Page {
    /// What is set of this cookie, in whatever order.
    pub(super) fn cookie(&self, name: &str) -> &str {
        let found = self.cookies().into_iter().find(|cookie| cookie.starts_with(name));
        found.unwrap_or_else(|| panic!("no {name} in {:?}", self.cookies()))
    }

    /// The sign-in page, which says this and begins no session.
    pub(super) fn refuses(&self, status: u16, words: &str) {
        assert_eq!(self.status, status, "{}", self.html);
        let alert = format!("role=\"alert\">{words}");
        assert!(self.html.contains(&alert), "no {alert:?} in {}", self.html);
        let cookies = self.cookies();
        assert!(cookies.iter().all(|cookie| !cookie.contains("docket_session")), "{cookies:?}");
    }
}

/// The parameters of an address.
pub(super) fn pairs(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// What stands in the cookie of a sign-in that is under way.
pub(super) fn pending(cookie: &str) -> Value {
    let value = cookie.split(';').next().unwrap().split_once('=').unwrap().1;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).unwrap()).unwrap()
}

/// The same cookie with something else in it.
pub(super) fn tampered(cookie: &str, name: &str, value: &str) -> String {
    let mut pending = pending(cookie);
    pending[name] = value.into();
    format!("docket_sign_in={}", URL_SAFE_NO_PAD.encode(pending.to_string()))
}

/// User and password of an `Authorization` header.
pub(super) fn basic(header: &str) -> String {
    let encoded = header.strip_prefix("Basic ").unwrap();
    String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
}

/// `at_hash` of an access token (OpenID Connect Core §3.1.3.6).
pub(super) fn left_half_of_sha256(token: &str) -> String {
    let hash = testing::openid::sha256(token.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash[..16])
}
