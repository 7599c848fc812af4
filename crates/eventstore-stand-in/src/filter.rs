//! Which events a reader of `$all` wants.

use tonic::Status;

use crate::protocol::streams::read_req::options::filter_options::{Expression, Filter as Wire};
use crate::protocol::streams::read_req::options::{FilterOption, FilterOptions};
use crate::store::Recorded;

/// The one regular expression that clients make by themselves: all but system events.
const NO_SYSTEM_EVENTS: &str = r"^[^\$].*";

#[derive(Debug, Clone)]
pub(crate) enum Filter {
    All,
    Streams(Expression),
    Types(Expression),
}

impl Filter {
    /// Prefixes, and the one regular expression above; no other is understood.
    pub(crate) fn of(option: Option<FilterOption>) -> Result<Self, Status> {
        let Some(FilterOption::Filter(FilterOptions { filter, .. })) = option else {
            return Ok(Self::All);
        };
        let (expression, filter): (_, fn(Expression) -> Self) = match filter {
            Some(Wire::StreamIdentifier(expression)) => (expression, Self::Streams),
            Some(Wire::EventType(expression)) => (expression, Self::Types),
            None => return Err(Status::invalid_argument("a filter filters something")),
        };
        if !["", NO_SYSTEM_EVENTS].contains(&expression.regex.as_str()) {
            return Err(Status::unimplemented("regular expressions"));
        }
        Ok(filter(expression))
    }

    pub(crate) fn takes(&self, event: &Recorded) -> bool {
        match self {
            Self::All => true,
            Self::Streams(expression) => matches(expression, &event.stream),
            Self::Types(expression) => {
                let event_type = event.event.metadata.get("type");
                matches(expression, event_type.map_or("", String::as_str))
            }
        }
    }
}

fn matches(expression: &Expression, text: &str) -> bool {
    if expression.regex.is_empty() {
        expression.prefix.iter().any(|prefix| text.starts_with(prefix.as_str()))
    } else {
        !text.is_empty() && !text.starts_with('$')
    }
}
