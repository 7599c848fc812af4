//! The AsyncAPI document of the topics.
//!
//! Its schemas are those of [`super::schemas`] and of the snapshots in `events`, taken apart so that the
//! document stands alone.

use events::codec::CURRENT;
use events::schema::of_read;
use events::{LiveStreamSnapshot, UserSnapshot};
use schemars::transform::{RemoveRefSiblings, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::config::{EVENTS, KafkaConfig, LIVE_STREAMS, USERS};
use super::message::{SOURCE, cloud_event_type};
use super::schemas;

/// The version of AsyncAPI's Kafka bindings that is used throughout.
const BINDING: &str = "0.5.0";

/// The whole document.
pub fn document() -> Value {
    json!({
        "asyncapi": "3.0.0",
        "info": info(),
        "defaultContentType": "application/json",
        "servers": { "kafka": server() },
        "channels": {
            "events": events(),
            "users": snapshots(USERS, "User", "users"),
            "liveStreams": snapshots(LIVE_STREAMS, "LiveStream", "live streams"),
        },
        "operations": {
            "sendEvents": {
                "action": "send",
                "channel": { "$ref": "#/channels/events" },
                "title": "Relay events",
                "description": "Docket relays every event of its log, in the log's order, with an \
                    idempotent producer and `acks=all`. It goes on where it stopped, so nothing is left \
                    out; after a crash the last few records come again, each with the `ce_id` that it had.",
            },
            "receiveUsers": receive("users", "Learn of users"),
            "receiveLiveStreams": receive("liveStreams", "Learn of live streams"),
        },
        "components": { "messages": messages(), "schemas": components() },
    })
}

fn info() -> Value {
    json!({
        "title": "Docket on Kafka",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "What Docket tells of bans and reports, and what it wants to be told of users and \
            live streams. Operations are named from Docket's side: it *sends* events and *receives* \
            snapshots. `docs/events.md` tells how to consume the events.",
        "license": { "name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0" },
        "tags": [{ "name": "moderation", "description": "Bans and reports of live streams." }],
    })
}

fn server() -> Value {
    json!({
        "host": "{brokers}",
        "protocol": "kafka",
        "description": "The brokers that `KAFKA_BROKERS` names.",
        "variables": {
            "brokers": {
                "default": "localhost:9092",
                "description": "Brokers to begin with: `host:port`, separated by commas.",
            },
        },
    })
}

/// A topic, and the names of the messages in it.
fn channel(
    topic: &str,
    title: &str,
    description: &str,
    configuration: &Value,
    messages: &[String],
) -> Value {
    let message = |name: &String| (name.clone(), reference("messages", name));
    json!({
        "address": format!("{{prefix}}{topic}"),
        "title": title,
        "description": description,
        "servers": [{ "$ref": "#/servers/kafka" }],
        "parameters": {
            "prefix": {
                "default": "",
                "description": "`KAFKA_TOPIC_PREFIX`, with which several installations share brokers.",
            },
        },
        "messages": messages.iter().map(message).collect::<Map<_, _>>(),
        "bindings": {
            "kafka": {
                "partitions": KafkaConfig::default().partitions,
                "topicConfiguration": configuration,
                "bindingVersion": BINDING,
            },
        },
    })
}

fn events() -> Value {
    channel(
        EVENTS,
        "Moderation events",
        "Every event of the log, kept for ever. The key is the live stream's id, so that all events of one \
         live stream are in one partition, in the order in which they happened. Each comes at least once: \
         drop what has a `ce_id` that you have seen, or in each partition a `ce_position` that is not \
         beyond the last. New types of events and new versions of present ones may come at any time.",
        &json!({ "cleanup.policy": ["delete"], "retention.ms": -1 }),
        &CURRENT.map(schemas::name),
    )
}

fn snapshots(topic: &str, message: &str, what: &str) -> Value {
    let description = format!(
        "The platform's {what} as they are now, compacted. The key is the id that is also in the value. The \
         snapshot with the latest `updatedAt` stays, whatever the order of arrival. A tombstone, which is a \
         record without a value, says that the platform has removed what the key names. What cannot be read \
         is put aside, and the rest goes on."
    );
    let title = format!("The platform's {what}");
    let configuration = json!({ "cleanup.policy": ["compact"] });
    let messages = [message.to_owned(), format!("{message}Removed")];
    channel(topic, &title, &description, &configuration, &messages)
}

fn receive(channel: &str, title: &str) -> Value {
    json!({
        "action": "receive",
        "channel": { "$ref": format!("#/channels/{channel}") },
        "title": title,
        "description": "Docket keeps the latest snapshot of each, and uses it to judge commands and to fill \
            in answers.",
    })
}

fn messages() -> Value {
    let mut messages: Map<String, Value> = CURRENT.map(event).into_iter().collect();
    let inbound = [
        snapshot("User", "UserId", "A user, as the platform describes them now."),
        removal("UserRemoved", "UserId", "The platform has removed the user."),
        snapshot("LiveStream", "LiveStreamId", "A live stream, as the platform describes it now."),
        removal("LiveStreamRemoved", "LiveStreamId", "The platform has removed the live stream."),
    ];
    messages.extend(inbound);
    Value::Object(messages)
}

fn event(stored: (&'static str, u16)) -> (String, Value) {
    let (event_type, version) = stored;
    let name = schemas::name(stored);
    let message = json!({
        "name": cloud_event_type(event_type, version),
        "title": event_type,
        "contentType": "application/json",
        "headers": headers(event_type, version),
        "payload": schema(&name),
        "correlationId": { "location": "$message.payload#/metadata/correlationId" },
        "bindings": key("LiveStreamId"),
    });
    (name, message)
}

/// The headers of CloudEvents 1.0 in binary mode, and one of ours.
fn headers(event_type: &str, version: u16) -> Value {
    let subject = if event_type.starts_with("Ban") { "BanId" } else { "ReportId" };
    let members = json!({
        "ce_specversion": { "const": "1.0" },
        "ce_id": { "type": "string", "description": "The event's ULID, the same in every copy: `id` of the value." },
        "ce_type": { "const": cloud_event_type(event_type, version) },
        "ce_source": { "const": SOURCE },
        "ce_subject": schema(subject),
        "ce_time": schema("Timestamp"),
        "ce_position": { "type": "string", "description": "Where in the log: `position` of the value." },
        "content-type": { "const": "application/json" },
    });
    let required: Vec<_> = members.as_object().into_iter().flat_map(Map::keys).cloned().collect();
    json!({ "type": "object", "properties": members, "required": required })
}

fn snapshot(name: &str, id: &str, summary: &str) -> (String, Value) {
    let message = json!({
        "name": name,
        "title": name,
        "summary": summary,
        "description": "A member that is `null` counts as absent, and unknown members are ignored.",
        "contentType": "application/json",
        "payload": schema(&format!("{name}Snapshot")),
        "bindings": key(id),
    });
    (name.to_owned(), message)
}

/// A tombstone.
fn removal(name: &str, id: &str, summary: &str) -> (String, Value) {
    let message = json!({
        "name": name,
        "title": name,
        "summary": summary,
        "payload": { "type": "null" },
        "bindings": key(id),
    });
    (name.to_owned(), message)
}

fn key(id: &str) -> Value {
    json!({ "kafka": { "key": schema(id), "bindingVersion": BINDING } })
}

fn schema(name: &str) -> Value {
    reference("schemas", name)
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// Every schema, and what they refer to, once.
fn components() -> Value {
    let mut components = Map::new();
    let records = schemas::all().into_iter();
    let snapshots = [read::<UserSnapshot>(), read::<LiveStreamSnapshot>()];
    for (name, mut schema) in records.chain(snapshots) {
        // AsyncAPI's own schema objects are what its tools read; they know no other draft than the 7th,
        // in which nothing stands beside a reference.
        RemoveRefSiblings::default().transform(&mut schema);
        schema.remove("$schema");
        schema.remove("$id");
        if let Some(Value::Object(definitions)) = schema.remove("$defs") {
            components.extend(definitions);
        }
        components.insert(name, schema.to_value());
    }
    let mut components = Value::Object(components);
    move_references(&mut components);
    components
}

fn read<T: JsonSchema>() -> (String, Schema) {
    (T::schema_name().into_owned(), of_read().into_root_schema_for::<T>())
}

/// What was among a schema's definitions is a component now.
fn move_references(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(to) if name == "$ref" => {
                        *to = to.replace("#/$defs/", "#/components/schemas/");
                    }
                    other => move_references(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(move_references),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
