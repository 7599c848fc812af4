//! JSON Schemas (draft 2020-12) of what is stored, for those who read it elsewhere.
//!
//! They are derived from the types themselves, their limits from the constants that the parsers use.
//! The first paragraph of a doc comment is what a consumer reads, so it speaks of JSON, not of Rust.

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use ulid::ULID_LEN;

use crate::ban::{BanCreated, BanRevoked};
use crate::report::{ReportFiled, ReportReviewed};
use crate::snapshot::MAX_TEXT;
use crate::{BanId, ReportId};

/// What can be said of the events of one type, in the version that is written.
#[derive(Debug, Clone)]
pub struct Described {
    /// Describes the data.
    pub data: fn(&mut SchemaGenerator) -> Schema,
    /// What the names of their event streams match.
    pub stream: String,
}

impl Described {
    /// The description of a type; `None` when there is no such type.
    pub fn of(event_type: &str) -> Option<Self> {
        Some(match event_type {
            "BanCreated" => Self::new::<BanCreated>(BanId::stream_pattern()),
            "BanRevoked" => Self::new::<BanRevoked>(BanId::stream_pattern()),
            "ReportFiled" => Self::new::<ReportFiled>(ReportId::stream_pattern()),
            "ReportReviewed" => Self::new::<ReportReviewed>(ReportId::stream_pattern()),
            _ => return None,
        })
    }

    fn new<T: JsonSchema>(stream: String) -> Self {
        Self { data: SchemaGenerator::subschema_for::<T>, stream }
    }
}

/// Makes schemas of what we write.
pub fn of_written() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.with_transform(plain).with_transform(absent_is_never_null).into_generator()
}

/// Makes schemas of what we read, each in one piece.
pub fn of_read() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().for_deserialize().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.with_transform(plain).into_generator()
}

/// Takes out Rust's names of number formats, which consumers do not know, and of every description all
/// but the first paragraph.
fn plain(schema: &mut Schema) {
    transform_subschemas(&mut plain, schema);
    if schema.get("format").and_then(Value::as_str).is_some_and(|name| name.starts_with("uint")) {
        schema.remove("format");
    }
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    }
}

/// Says what serde's attributes imply and schemars leaves out: in what is written, a member that may be
/// absent is never `null`, and one that has a default is there nonetheless.
fn absent_is_never_null(schema: &mut Schema) {
    transform_subschemas(&mut absent_is_never_null, schema);
    schema.remove("default");
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (name, property) in properties {
            if !required.contains(&Value::from(name.as_str())) {
                forbid_null(property);
            }
        }
    }
}

fn forbid_null(property: &mut Value) {
    let Value::Object(property) = property else { return };
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = &mut types[..] {
            let only = only.take();
            property.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(any)) = property.get_mut("anyOf") {
        any.retain(|one| one["type"] != "null");
        if let [Value::Object(only)] = &mut any[..] {
            let mut only = std::mem::take(only);
            property.remove("anyOf");
            property.append(&mut only);
        }
    }
}

/// How a ULID is written.
pub fn ulid(_: &mut SchemaGenerator) -> Schema {
    let pattern = format!("^[0-7][0-9A-HJKMNP-TV-Z]{{{}}}$", ULID_LEN - 1);
    json_schema!({ "type": "string", "pattern": pattern })
}

/// How an IP address is written.
pub fn address(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }] })
}

/// A text of the platform's.
pub(crate) fn platform_text(_: &mut SchemaGenerator) -> Schema {
    let pattern = r"^[^\x00-\x1F\x7F-\x9F]*$";
    json_schema!({ "type": "string", "maxLength": MAX_TEXT, "pattern": pattern })
}

/// Texts of the platform's by another.
pub(crate) fn platform_texts(generator: &mut SchemaGenerator) -> Schema {
    let text = platform_text(generator);
    json_schema!({ "type": "object", "propertyNames": text, "additionalProperties": text })
}
