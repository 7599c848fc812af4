//! The YouTube dialect's habits (contract §4): parameters that every call takes, partial answers,
//! etags, and errors in Google's form.

mod answer;
mod error;
mod parameters;
mod selection;

pub use answer::etag;
pub(crate) use error::{Failure, render};
pub use parameters::{Parameters, Parts, Query};

use axum::http::HeaderValue;

/// The content type of every answer with a body.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");
