//! The headers that operations share.

use axum::http::Method;
use events::{Dialect, Platform};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, Ref, RefOr};

use crate::edge::dialect;
use crate::{Language, TIMEZONES};

/// One entry per header, under its own name.
pub(super) fn parameters() -> Vec<(String, RefOr<Parameter>)> {
    let languages = Language::ALL.map(Language::as_str);
    let platforms = Platform::ALL.map(Platform::as_str);
    let text = |max| ObjectBuilder::new().schema_type(Type::String).max_length(Some(max));
    let one_of = |all: &[&'static str]| {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(all.to_vec()))
    };
    [
        ("X-Language", one_of(&languages), "The language of error texts; `en` unless told."),
        ("X-Platform", one_of(&platforms), "The client program's kind; `web` unless told."),
        ("X-Timezone", one_of(&TIMEZONES), "Where the client is; `UTC` unless told."),
        ("X-App-Version", text(128), "The client program's version."),
        ("X-Device-ID", text(128), "The client's device."),
        ("X-Request-ID", text(128), "Names the request in answers, logs and events."),
        (
            "Idempotency-Key",
            text(255),
            "The same key with the same request within 24 hours is the same command: it is carried \
             out once, and answered alike each time.",
        ),
    ]
    .map(|(name, schema, description)| {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .schema(Some(schema))
            .description(Some(description));
        (name.to_owned(), parameter.build().into())
    })
    .into()
}

/// Adds the headers that an operation of this method takes.
pub(super) fn add(operation: &mut Operation, path: &str, method: &Method) {
    const ALLMINE: [&str; 5] =
        ["X-Language", "X-Platform", "X-Timezone", "X-App-Version", "X-Device-ID"];
    let allmine = dialect(path) == Dialect::Allmine;
    let client = ALLMINE.into_iter().filter(|_| allmine);
    let commands = ["Idempotency-Key"].into_iter().filter(|_| !method.is_safe());
    let parameters = operation.parameters.get_or_insert_default();
    for name in client.chain(["X-Request-ID"]).chain(commands) {
        let reference = Ref::new(format!("#/components/parameters/{name}"));
        parameters.push(RefOr::Ref(reference));
    }
}
