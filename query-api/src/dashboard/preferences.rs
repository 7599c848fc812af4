//! Language and theme: of the browser, unless one is chosen.

use std::str::FromStr;

use axum::Form;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;
use web::Language;

use super::cookies::cookie;
use super::page::local;

const LANGUAGE: &str = "docket_language";
const THEME: &str = "docket_theme";

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Theme {
    /// As the system is.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub(super) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// In cookie, form and style sheet.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl FromStr for Theme {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == name).ok_or(())
    }
}

/// What was chosen, and where.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    language: Option<String>,
    theme: Option<String>,
    next: Option<String>,
}

/// Remembers what was chosen, and goes back.
pub(super) async fn change(
    headers: HeaderMap,
    jar: CookieJar,
    Form(choice): Form<Choice>,
) -> Response {
    let mut jar = jar;
    if let Some(language) = choice.language.as_deref().and_then(known) {
        jar = jar.add(lasting(LANGUAGE, language.as_str(), &headers));
    }
    if let Some(theme) = choice.theme.and_then(|theme| theme.parse::<Theme>().ok()) {
        jar = jar.add(lasting(THEME, theme.as_str(), &headers));
    }
    (jar, Redirect::to(local(choice.next.as_deref()))).into_response()
}

pub(super) fn language(cookies: &CookieJar) -> Option<Language> {
    known(cookies.get(LANGUAGE)?.value())
}

pub(super) fn theme(cookies: &CookieJar) -> Theme {
    let theme = cookies.get(THEME).and_then(|cookie| cookie.value().parse().ok());
    theme.unwrap_or_default()
}

fn known(name: &str) -> Option<Language> {
    Language::ALL.into_iter().find(|language| language.as_str() == name)
}

fn lasting(name: &'static str, value: &'static str, headers: &HeaderMap) -> Cookie<'static> {
    let mut cookie = cookie(name, value.to_owned(), SameSite::Lax, super::PATH, headers);
    cookie.make_permanent();
    cookie
}
