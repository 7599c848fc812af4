//! The dashboard over HTTP: what is shown to whom, and as what.

mod audit;
mod bans;
mod hidden;
mod live_streams;
mod provider;
mod queue;
mod report;
mod session;
mod statistics;
mod users;

use reqwest::header::HeaderMap;
use testing::tokens;

use crate::support::{Stage, Who};

/// A page as it came.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

/// What nobody may smuggle into a page.
pub(crate) const HOSTILE: [&str; 8] = [
    "<script>window.__xss=1</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "</textarea></title></style><script>alert(1)</script>",
    "javascript:alert(1)//\" onfocus=\"alert(1)",
    "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
    "{{7*7}} ${7*7} { $count }",
    "\u{202e}gpj.exe\u{2028}<b>",
];

impl Page {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, html: response.text().await.unwrap() }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Its cookies, as they are set.
    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// The page, which must be one that says this.
    pub(crate) fn shows(&self, text: &str) {
        assert_eq!(self.status, 200, "{}", self.html);
        assert!(self.html.contains(text), "no {text:?} in {}", self.html);
    }

    /// That a text is there, and only as text.
    pub(crate) fn shows_as_text(&self, hostile: &str) {
        assert_eq!(self.status, 200, "{}", self.html);
        let escaped = hostile
            .replace('&', "&#38;")
            .replace('<', "&#60;")
            .replace('>', "&#62;")
            .replace('"', "&#34;")
            .replace('\'', "&#39;");
        assert!(self.html.contains(&escaped), "no {escaped:?} in {}", self.html);
        let live = hostile.contains(['<', '"', '\'']);
        assert!(!live || !self.html.contains(hostile), "{hostile:?} in {}", self.html);
    }
}

impl Stage {
    /// The page that `who` sees, once all that was written so far can be seen.
    pub(crate) async fn page(&self, who: Who, path: &str) -> Page {
        self.page_with(who, path, &[("Accept-Language", "en")]).await
    }

    /// The same, with these headers.
    pub(crate) async fn page_with(&self, who: Who, path: &str, headers: &[(&str, &str)]) -> Page {
        // Every table, since a page may be made of several.
        for path in ["live-stream-ban", "live-stream-reports", "statistics"] {
            self.get(crate::support::STAFF, &format!("/api/v1/{path}")).await;
        }
        let cookie = session(who);
        let mut request = self.ask(path).header("Cookie", cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Page::of(request.send().await.unwrap()).await
    }

    /// The page that somebody sees who has not signed in.
    pub(crate) async fn open_page(&self, path: &str) -> Page {
        Page::of(self.ask(path).send().await.unwrap()).await
    }

    /// What comes of a form that `who` sends from a page of ours.
    pub(crate) async fn submit(&self, who: Who, path: &str, form: &[(&str, &str)]) -> Page {
        let from = [("Cookie", session(who)), ("Sec-Fetch-Site", "same-origin".to_owned())];
        self.submit_with(path, form, &from).await
    }

    /// What comes of a form, sent with these headers alone.
    pub(crate) async fn submit_with(
        &self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, String)],
    ) -> Page {
        let body: Vec<String> = form.iter().map(|(name, value)| pair(name, value)).collect();
        let mut request = self.post(path).body(body.join("&"));
        request = request.header("Content-Type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        Page::of(request.send().await.unwrap()).await
    }
}

/// The cookie of a session.
pub(crate) fn session(Who(sub, roles): Who) -> String {
    format!("docket_session={}", tokens::token(sub, roles))
}

/// A field as forms send it; every byte escaped, which is allowed.
fn pair(name: &str, value: &str) -> String {
    let escaped: Vec<String> = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("{name}={}", escaped.concat())
}
