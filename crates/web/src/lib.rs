//! The HTTP edge that all services share: tokens, dialects, errors, languages, limits, documentation.
//!
//! A handler takes extractors ([`Caller`], [`Client`], [`JsonBody`], …), calls its use case and
//! answers with [`allmine::success`] or [`youtube::Parameters::answer`]. What goes wrong is a [`Problem`];
//! [`edge()`] renders it in the dialect and the language of the request, so no handler ever does.
//!
//! To add a kind of error: a [`Kind`], its text in `locales/*/main.ftl`, its names in
//! [`problem`] and `youtube/error.rs`; the matrix test in `tests/web/problems.rs` shows it everywhere.
//! To add a reason: `Reason::new("its-key")` where it arises, and its text in both catalogues.
//!
//! **Architecture Invariant:** every route handed to [`edge()`] requires a token; there is no way to
//! opt out. Only its `extra` routes (health, documentation) are open. Nothing here knows a use case.

pub mod allmine;
mod body;
mod caller;
mod client;
mod edge;
pub mod fields;
mod idempotency;
mod language;
pub mod limits;
pub mod openapi;
mod path;
pub mod problem;
mod reason;
pub mod token;
pub mod youtube;

pub use body::{BodyLimit, JsonBody, body_limit};
pub use caller::{Caller, Scopes};
pub use client::{Client, TIMEZONES, TrustedProxies};
pub use edge::{EdgeConfig, WebConfig, bearer, edge};
pub use fields::{Fields, Input};
pub use idempotency::{IdempotencyKey, LastEventId, MinPosition};
pub use language::Language;
pub use path::{Path, Paths};
pub use problem::{Kind, Problem};
pub use reason::{Reason, YouTubeReason};
pub use token::{TokenConfig, TokenConfigError, Verifier};
