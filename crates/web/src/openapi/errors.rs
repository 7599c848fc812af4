//! The errors that operations share, in both dialects.

use axum::http::Method;
use events::Dialect;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use crate::edge::dialect;
use crate::{Kind, Language, allmine, youtube};

pub(super) fn schemas() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![
        (allmine::Failure::name().into_owned(), allmine::Failure::schema()),
        (youtube::Failure::name().into_owned(), youtube::Failure::schema()),
    ];
    allmine::Failure::schemas(&mut schemas);
    youtube::Failure::schemas(&mut schemas);
    schemas
}

/// One response per kind and dialect.
pub(super) fn responses() -> impl Iterator<Item = (String, RefOr<Response>)> {
    let dialects = [Dialect::Allmine, Dialect::Youtube];
    let of = |dialect| Kind::ALL.map(|kind| (name(kind, dialect), response(kind, dialect).into()));
    dialects.into_iter().flat_map(of)
}

fn name(kind: Kind, dialect: Dialect) -> String {
    match dialect {
        Dialect::Youtube => format!("YouTube{kind:?}"),
        Dialect::Allmine | Dialect::System => format!("{kind:?}"),
    }
}

fn response(kind: Kind, dialect: Dialect) -> Response {
    let schema = match dialect {
        Dialect::Youtube => youtube::Failure::name(),
        Dialect::Allmine | Dialect::System => allmine::Failure::name(),
    };
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    let description = Language::English.text(kind.text());
    ResponseBuilder::new().description(description).content("application/json", content).build()
}

/// Adds what can happen to any operation of this method, unless it tells more about it itself.
pub(super) fn add(operation: &mut Operation, path: &str, method: &Method) {
    const ANY: [Kind; 5] =
        [Kind::Invalid, Kind::Unauthenticated, Kind::Forbidden, Kind::Internal, Kind::Unavailable];
    const COMMANDS: [Kind; 2] = [Kind::KeyReused, Kind::RateLimited];
    const BODIES: [Kind; 2] = [Kind::PayloadTooLarge, Kind::UnsupportedMediaType];
    let dialect = dialect(path);
    let commands = COMMANDS.into_iter().filter(|_| !method.is_safe());
    let bodies = BODIES.into_iter().filter(|_| operation.request_body.is_some());
    for kind in ANY.into_iter().chain(commands).chain(bodies) {
        let status = kind.status(dialect).as_str().to_owned();
        let response = Ref::from_response_name(name(kind, dialect));
        operation.responses.responses.entry(status).or_insert(response.into());
    }
}
