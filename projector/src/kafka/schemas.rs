//! The JSON Schema of each event's record, for its consumers.

use events::PersonalField;
use events::codec::{self, CURRENT};
use events::schema::{Described, of_written};
use schemars::Schema;
use serde_json::{Map, Value, json};

use super::message::Message;
use super::withheld::WITHHELD;

/// What is said of a member that is withheld.
const UNPUBLISHED: &str =
    "Not published any more, see `withheld`; records of earlier versions hold it.";

/// What every description ends with.
const TOLERANCE: &str = "Members that are not described here may be added at any time: ignore those that \
                         you do not know.";

/// Every type in the version that is written, by its name: `BanCreated.v1`. The schemas of earlier
/// versions are not made any more; they stay as they were committed.
pub fn all() -> Vec<(String, Schema)> {
    let records = CURRENT.into_iter().filter_map(|stored| Some((name(stored), record(stored)?)));
    records.collect()
}

/// How a type and its version are named together.
pub fn name((event_type, version): codec::Schema) -> String {
    format!("{event_type}.v{version}")
}

fn record(stored: codec::Schema) -> Option<Schema> {
    let (event_type, schema_version) = stored;
    let Described { data, stream } = Described::of(event_type)?;
    let mut generator = of_written();
    // Made first, so that what it refers to is among the definitions of the whole.
    let data = data(&mut generator);
    let field = generator.subschema_for::<PersonalField>();
    let mut schema = generator.root_schema_for::<Message>();

    for definition in [event_type, "Metadata"] {
        deprecate_texts(&mut schema, definition);
    }
    if let Some(Value::Object(members)) = schema.pointer_mut("/$defs/Metadata/properties") {
        members.insert(WITHHELD.into(), withheld(&field));
    }
    let happened = schema.pointer(&format!("/$defs/{event_type}/description"));
    let happened = happened.and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = name(stored);
    schema.insert("$id".into(), format!("urn:docket:{name}").into());
    schema.insert("title".into(), name.into());
    schema.insert("description".into(), format!("{happened} {TOLERANCE}").into());
    if let Some(Value::Object(members)) = schema.get_mut("properties") {
        narrow(members, "type", json!({ "const": event_type }));
        narrow(members, "schemaVersion", json!({ "const": schema_version }));
        narrow(members, "stream", json!({ "pattern": stream }));
        narrow(members, "data", data.to_value());
    }
    Some(schema)
}

/// Says of the personal texts among the members of a definition that they do not come any more. They stay
/// described, since they stand in old records.
fn deprecate_texts(schema: &mut Schema, definition: &str) {
    let members = schema.pointer_mut(&format!("/$defs/{definition}/properties"));
    let Some(Value::Object(members)) = members else { return };
    for name in PersonalField::ALL.map(PersonalField::as_str) {
        let said = members.get(name).and_then(|member| member["description"].as_str());
        let Some(said) = said.map(str::to_owned) else { continue };
        let description = format!("{said} {UNPUBLISHED}");
        narrow(members, name, json!({ "description": description, "deprecated": true }));
    }
}

/// Describes the names of what was withheld.
fn withheld(field: &Schema) -> Value {
    json!({
        "description": "The personal texts that the event has and the record does not tell: the query API \
            tells them to those who may know them.",
        "type": "array",
        "items": field,
        "minItems": 1,
        "uniqueItems": true,
    })
}

/// Says more of a member.
fn narrow(members: &mut Map<String, Value>, name: &str, more: Value) {
    if let (Some(Value::Object(member)), Value::Object(more)) = (members.get_mut(name), more) {
        member.extend(more);
    }
}
