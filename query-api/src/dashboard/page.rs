//! A page: what its template is given besides its own, and turning it into an answer.

use askama::Template;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use events::{Action, Role};
use web::{Language, Problem};

use super::notice::{self, Notice};
use super::preferences::Theme;
use super::texts::Texts;
use super::visit::{Taste, Visit};
use super::{Dashboard, assets};
use crate::read::directory;

/// A part of the dashboard that the navigation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Queue,
    Bans,
    LiveStreams,
    Statistics,
    Audit,
}

impl Section {
    const ALL: [Self; 5] =
        [Self::Queue, Self::Bans, Self::LiveStreams, Self::Statistics, Self::Audit];

    /// The key of its text is `nav-` and this; its address ends with it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Bans => "bans",
            Self::LiveStreams => "live-streams",
            Self::Statistics => "statistics",
            Self::Audit => "audit",
        }
    }

    /// Whether it is shown to them. Whatever it shows asks its use case whether they may see it.
    pub(super) fn is_for(self, visit: &Visit) -> bool {
        match self {
            Self::Queue | Self::Statistics => visit.may(Action::ReadReportQueue),
            Self::Bans | Self::LiveStreams => true,
            Self::Audit => visit.may(Action::ReadHistory),
        }
    }
}

/// What is around every page.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) texts: Texts,
    pub(super) theme: Theme,
    pub(super) notice: Option<Notice>,
    /// Who has signed in.
    pub(super) person: Option<Person>,
    /// Which sections they have, and whether they are there.
    pub(super) sections: Vec<(Section, bool)>,
}

/// Who has signed in.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) id: String,
    /// Their username, where the directory knows it.
    pub(super) name: String,
    pub(super) roles: Vec<Role>,
}

impl Frame {
    /// Around a page for whoever comes.
    pub(super) fn open(taste: &Taste) -> Self {
        let Taste { texts, theme } = *taste;
        Self { texts, theme, notice: None, person: None, sections: Vec::new() }
    }

    /// Around a page for those who have signed in.
    pub(super) async fn of(dashboard: &Dashboard, visit: &Visit, here: Option<Section>) -> Self {
        let id = &visit.actor().id;
        // The page itself tells when the database is down; a name is not worth it.
        let known = directory::users(dashboard.app().pool(), &[id]).await.unwrap_or_default();
        let name = known.get(id).map_or_else(|| id.to_string(), |user| user.username.clone());
        let roles = Role::ALL.into_iter().filter(|role| visit.actor().roles.has(*role));
        let sections = Section::ALL.into_iter().filter(|section| section.is_for(visit));
        Self {
            texts: visit.texts,
            theme: visit.theme,
            notice: visit.notice.clone(),
            person: Some(Person { id: id.to_string(), name, roles: roles.collect() }),
            sections: sections.map(|section| (section, Some(section) == here)).collect(),
        }
    }

    /// The address of a style sheet or script.
    pub(super) fn asset(name: &str) -> String {
        format!("{}/assets/{name}?v={}", super::PATH, *assets::VERSION)
    }

    /// The languages that can be chosen, by name, and whether it is this one.
    pub(super) fn languages(&self) -> [(&'static str, &'static str, bool); 2] {
        let name = |language| match language {
            Language::English => "English",
            Language::Turkish => "Türkçe",
        };
        Language::ALL.map(|known| (known.as_str(), name(known), known == self.texts.0))
    }

    /// The themes that can be chosen, and whether it is this one.
    pub(super) fn themes(&self) -> [(&'static str, bool); 3] {
        Theme::ALL.map(|theme| (theme.as_str(), theme == self.theme))
    }
}

/// The page that `template` makes. It has told its notice.
pub(super) fn page(template: &impl Template) -> Result<Response, Problem> {
    let mut response = part(template)?;
    if let Ok(cookie) = HeaderValue::try_from(notice::forget().to_string()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A part of a page, for a script that puts it there.
pub(super) fn part(template: &impl Template) -> Result<Response, Problem> {
    let html = template.render().map_err(Problem::internal)?;
    Ok((StatusCode::OK, Html(html)).into_response())
}

/// `next` when it is a page of ours; else the first one. Nobody is led elsewhere.
pub(super) fn local(next: Option<&str>) -> &str {
    let ours = |next: &&str| {
        let rest = next.strip_prefix(super::PATH);
        let ends = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        ends && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    next.filter(ours).unwrap_or(super::PATH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for ours in ["/dashboard", "/dashboard/queue?sort=oldest", "/dashboard?x=1"] {
            assert_eq!(local(Some(ours)), ours);
        }
        let foreign = [
            "https://example.org/dashboard",
            "//example.org/dashboard",
            "/dashboardx",
            "/\\example.org",
            "/dashboard/\\..\\x",
            "/dashboard/\r\nSet-Cookie: a=b",
            "/api/v1/live-stream-ban",
            "",
        ];
        for next in foreign {
            assert_eq!(local(Some(next)), "/dashboard", "{next}");
        }
        assert_eq!(local(None), "/dashboard");
    }
}
