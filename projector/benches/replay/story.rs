//! A log as a busy month makes it, as an archive.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use event_log::archive::{Positions, Writer};
use event_log::{Position, RecordedEvent};
use events::Event;
use events::ban::{BanEvent, RevokeCause};
use events::report::{Decision, ReportEvent, ReportType};
use serde_json::value::to_raw_value;
use ulid::Ulid;

use crate::history::{ban, end, file, metadata, review, time};

/// Live streams that it happens on.
const LIVE_STREAMS: u64 = 2_000;

/// Between two events.
const STEP: TimeDelta = TimeDelta::milliseconds(2_500);

/// Writes the archive of a log of `count` events: of each hundred some 40 bans, 25 ends of bans, 20
/// reports and 15 reviews.
pub(crate) fn write(path: &Path, count: u64) -> io::Result<()> {
    let mut writer = Writer::begin(BufWriter::new(File::create(path)?), Positions::Dense)?;
    let mut story = Story::default();
    for position in 1..=count {
        writer.push(&story.next(position))?;
    }
    writer.end(None).map(drop)
}

/// What can be gone on with.
#[derive(Default)]
struct Story {
    /// Banned users and where.
    bans: Vec<(String, String)>,
    /// Who has reported where.
    reports: Vec<(String, String)>,
}

impl Story {
    fn next(&mut self, position: u64) -> RecordedEvent {
        let chance = scatter(position);
        let live_stream = format!("{:024x}", scatter(chance % LIVE_STREAMS));
        let user = format!("{:024x}", scatter(position << 20));
        let pick = usize::try_from(chance >> 32).unwrap_or_default();
        let (version, event) = match chance % 100 {
            40..65 if !self.bans.is_empty() => {
                let (live_stream, user) = self.bans.swap_remove(pick % self.bans.len());
                let causes = [RevokeCause::Manual, RevokeCause::Expired];
                (2, end(&live_stream, &user, 1, causes[pick % 2]))
            }
            65..85 => {
                self.reports.push((live_stream.clone(), user.clone()));
                (1, file(&live_stream, &user, 1, ReportType::ALL[pick % 7]))
            }
            85..100 if !self.reports.is_empty() => {
                let (live_stream, user) = self.reports.swap_remove(pick % self.reports.len());
                let decisions = [Decision::Resolved, Decision::Rejected];
                let key = (live_stream.as_str(), user.as_str(), 1);
                (2, review(key, decisions[pick % 2], Some("Seen by two of us"), false))
            }
            _ => {
                self.bans.push((live_stream.clone(), user.clone()));
                (1, ban(&live_stream, &user, 1))
            }
        };
        recorded(position, version, &event)
    }
}

fn recorded(position: u64, version: u32, event: &Event) -> RecordedEvent {
    let steps = i32::try_from(position).unwrap_or(i32::MAX);
    let at: DateTime<Utc> = time(crate::history::AT) + STEP * steps;
    let stream = match event {
        Event::Ban(BanEvent::Created(event)) => event.ban_id.stream(),
        Event::Ban(BanEvent::Revoked(event)) => event.ban_id.stream(),
        Event::Report(ReportEvent::Filed(event)) => event.report_id.stream(),
        Event::Report(ReportEvent::Reviewed(event)) => event.report_id.stream(),
    };
    let encoded = event.encode().unwrap();
    let told = metadata(&at.to_rfc3339_opts(SecondsFormat::Millis, true), Some("moderator"));
    let milliseconds = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    RecordedEvent {
        position: Position(position),
        stream,
        version,
        id: Ulid::from_parts(milliseconds, scatter(position).into()),
        event_type: encoded.event_type.to_owned(),
        schema_version: encoded.schema_version,
        recorded_at: at,
        data: encoded.data,
        metadata: to_raw_value(&told).unwrap(),
    }
}

/// A number that looks like chance and is always the same (splitmix64).
fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
