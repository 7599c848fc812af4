//! A history as Docket would write it: bans and reports of many users on one live stream, interleaved.

use events::ban::{ActionType, BanCreated, BanEvent, BanRevoked, RevokeCause};
use events::report::{Decision, ReportEvent, ReportFiled, ReportReviewed, ReportType};
use events::{BanId, Event, LiveStreamId, ReportId, StreamStatus, Timestamp, UserId};
use serde_json::{Value, json};

/// Events of each event stream.
const STEPS: u64 = 4;
/// Event streams of the usual history: enough for a whole tile and the beginning of another.
const STREAMS: u64 = 80;

/// An entry of the log, before it is written canonically.
pub(crate) type Row = Value;

fn live_stream() -> LiveStreamId {
    "673ac9e2c93fe18d3fdd23f1".parse().unwrap()
}

fn user(nth: u64) -> UserId {
    format!("65f1a2b3c4d5e6f7{nth:08x}").parse().unwrap()
}

fn at(seconds: u64) -> Timestamp {
    let start: Timestamp = "2026-01-15T10:30:00.000Z".parse().unwrap();
    start.plus_seconds(u32::try_from(seconds).unwrap())
}

/// Three of four event streams are of bans: created, lifted, created for a minute, run out.
fn ban(nth: u64, step: u64, now: u64) -> (Event, Option<&'static str>) {
    let stream = live_stream();
    let ordinal = if step < 2 { 1 } else { 2 };
    let ban_id = BanId::of(BanId::key(&stream, &user(nth)), ordinal);
    let revoked = |cause| Event::Ban(BanEvent::Revoked(BanRevoked { ban_id, cause }));
    let created = |expires_at| {
        Event::Ban(BanEvent::Created(BanCreated {
            ban_id,
            live_stream_id: live_stream(),
            target_user_id: user(nth),
            action_type: ActionType::Block,
            reason: None,
            expires_at,
            report_id: None,
        }))
    };
    match step {
        0 => (created(None), Some("moderator")),
        1 => (revoked(RevokeCause::Manual), Some("moderator")),
        2 => (created(Some(at(now + 60))), Some("moderator")),
        _ => (revoked(RevokeCause::Expired), None),
    }
}

/// The others are of reports: filed, looked at, resolved, filed once more.
fn report(nth: u64, step: u64) -> (Event, Option<&'static str>) {
    let stream = live_stream();
    let ordinal = if step < 3 { 1 } else { 2 };
    let report_id = ReportId::of(ReportId::key(&stream, &user(nth)), ordinal);
    let reviewed = |status| {
        Event::Report(ReportEvent::Reviewed(ReportReviewed {
            report_id,
            status,
            admin_notes: None,
            is_archived: false,
        }))
    };
    let filed = Event::Report(ReportEvent::Filed(ReportFiled {
        report_id,
        live_stream_id: stream,
        stream_creator_id: "creator".parse().unwrap(),
        stream_title: "Gece sohbeti 🎙".to_owned(),
        stream_status_at_report: StreamStatus::Active,
        report_type: ReportType::SpamOrScam,
        description: None,
    }));
    match step {
        1 => (reviewed(Decision::UnderReview), Some("staff")),
        2 => (reviewed(Decision::Resolved), Some("staff")),
        _ => (filed, None),
    }
}

fn row(index: u64, streams: u64, first: u64) -> Row {
    let (nth, step) = (first + index % streams, index / streams);
    let now = index * 100;
    let (event, stream, actor) = if nth % 4 == 3 {
        let (event, staff) = report(nth, step);
        let stream = ReportId::first(&live_stream(), &user(nth)).stream();
        (event, stream, Some(staff.map_or_else(|| user(nth).to_string(), str::to_owned)))
    } else {
        let (event, actor) = ban(nth, step, now);
        (event, BanId::first(&live_stream(), &user(nth)).stream(), actor.map(str::to_owned))
    };
    let encoded = event.encode().unwrap();
    let data: Value = serde_json::from_str(encoded.data.get()).unwrap();
    let number = u128::from(first) << 32 | u128::from(index);
    let ulid = |high: u64| ulid::Ulid(u128::from(high) << 64 | number).to_string();
    let roles = if actor.as_deref() == Some("staff") { json!(["moderator"]) } else { json!([]) };
    json!({
        "data": data,
        "id": ulid(0x019b_c000_0000_0000),
        "metadata": {
            "actor": actor,
            "commandId": ulid(0x019b_c000_0000_0001),
            "correlationId": ulid(0x019b_c000_0000_0002),
            "dialect": if actor.is_some() { "allmine" } else { "system" },
            "occurredAt": at(now),
            "roles": roles,
        },
        "position": (index + 1).to_string(),
        "recordedAt": format!("{}123Z", at(now).to_string().trim_end_matches('Z')),
        "schemaVersion": encoded.schema_version,
        "stream": stream,
        "type": encoded.event_type,
        "version": step + 1,
    })
}

/// The whole history of as many event streams.
pub(crate) fn of_streams(streams: u64) -> Vec<Row> {
    (0..streams * STEPS).map(|index| row(index, streams, 0)).collect()
}

/// The history of an event stream that the others do not know.
pub(crate) fn of_another_stream() -> Vec<Row> {
    (0..STEPS).map(|index| row(index, 1, 1_000)).collect()
}

/// The usual one: 320 events.
pub(crate) fn usual() -> Vec<Row> {
    of_streams(STREAMS)
}

/// Gives the rows positions without a gap, as somebody does who hides what he did.
pub(crate) fn renumber(rows: &mut [Row]) {
    for (position, row) in (1..).zip(rows) {
        row["position"] = json!(position.to_string());
    }
}

/// The bytes that are hashed.
pub(crate) fn canonical(row: &Row) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(row).unwrap()
}
