//! JSON bodies, and what is told when one is none.

use events::json::{self, JsonError};
use serde_json::Value;

use crate::{Kind, Problem, Reason, YouTubeReason};

/// The value in `body`, in which no name occurs twice in one object.
pub(super) fn parse(body: &[u8]) -> Result<Value, Problem> {
    json::parse(body).map_err(|error| {
        parse_error(match error {
            JsonError::Duplicate(name) => Reason::new("duplicate-name").at(name),
            JsonError::Malformed { line, column } => {
                Reason::new("body-not-json").arg("line", line).arg("column", column)
            }
        })
    })
}

pub(super) fn not_an_object() -> Problem {
    parse_error(Reason::new("body-not-an-object"))
}

fn parse_error(reason: Reason) -> Problem {
    Problem::new(Kind::Invalid).because(reason.youtube(YouTubeReason::global("parseError")))
}
