//! Query parameters: what every call takes, and what one call adds.

use axum::extract::FromRequestParts;
use axum::http::request::Parts as RequestParts;

use super::selection::Selection;
use crate::{Problem, Reason, YouTubeReason};

/// Taken and ignored: they are about quotas, tracing and uploads.
const IGNORED: [&str; 6] =
    ["key", "quotaUser", "$.xgafv", "uploadType", "upload_protocol", "userIp"];

/// The query string as it came.
#[derive(Debug, Clone)]
pub struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut RequestParts, _: &S) -> Result<Self, Problem> {
        // Strange characters are for each parameter to refuse, by the name that YouTube gives it.
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

impl Query {
    /// Checks it for a call that takes `own` besides what every call takes; refuses any other.
    pub fn taking(self, own: &[&str]) -> Result<Parameters, Problem> {
        let mut parameters = Parameters { pretty: true, selection: None, own: Vec::new() };
        for (name, value) in self.0 {
            match name.as_str() {
                "alt" if value == "json" => {}
                "prettyPrint" if value == "true" || value == "false" => {
                    parameters.pretty = value == "true";
                }
                "alt" | "prettyPrint" => return Err(invalid("parameter-value", &name)),
                "fields" => parameters.selection = Some(selection(&value)?),
                name if IGNORED.contains(&name) => {}
                own_name if own.contains(&own_name) => parameters.own.push((name, value)),
                _ => return Err(unexpected(&name)),
            }
        }
        Ok(parameters)
    }
}

/// The query parameters of a call.
#[derive(Debug, Clone)]
pub struct Parameters {
    pub(super) pretty: bool,
    pub(super) selection: Option<Selection>,
    own: Vec<(String, String)>,
}

impl Parameters {
    /// The value of one of the call's own parameters; `None` when it is absent or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values(name).find(|value| !value.is_empty())
    }

    fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = self.own.iter().filter(move |(own, _)| own == name);
        named.map(|(_, value)| value.trim())
    }

    /// The parts that `part` asks for, at least one and each of `allowed`. It may repeat, hold a list
    /// separated by commas, and spaces.
    pub fn parts(&self, allowed: &[&'static str]) -> Result<Parts, Problem> {
        let mut parts = Vec::new();
        let asked = self.values("part").flat_map(|list| list.split(',')).map(str::trim);
        for name in asked.filter(|name| !name.is_empty()) {
            let known = allowed.iter().find(|part| **part == name);
            parts.push(*known.ok_or_else(|| unknown_part(name))?);
        }
        if parts.is_empty() { Err(Self::required("part")) } else { Ok(Parts(parts)) }
    }

    /// The problem of a call that lacks this parameter.
    pub fn required(name: &'static str) -> Problem {
        let youtube = YouTubeReason::global("required").parameter(name);
        Reason::new("parameter-required").arg("name", name).youtube(youtube).into()
    }
}

/// The parts of a resource that a call asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts(Vec<&'static str>);

impl Parts {
    pub(super) fn hold(&self, name: &str) -> bool {
        self.0.contains(&name)
    }
}

fn selection(fields: &str) -> Result<Selection, Problem> {
    Selection::parse(fields).ok_or_else(|| invalid("field-selection", "fields"))
}

fn invalid(key: &'static str, parameter: &str) -> Problem {
    let youtube = YouTubeReason::global("invalidParameter").parameter(parameter.to_owned());
    Reason::new(key).arg("name", parameter).youtube(youtube).into()
}

fn unexpected(name: &str) -> Problem {
    let youtube = YouTubeReason::global("unexpectedParameter").parameter(name.to_owned());
    Reason::new("parameter-unexpected").arg("name", name).youtube(youtube).into()
}

fn unknown_part(name: &str) -> Problem {
    let youtube = YouTubeReason::of("youtube.part", "unknownPart").parameter("part");
    Reason::new("unknown-part").arg("name", name).youtube(youtube).into()
}
