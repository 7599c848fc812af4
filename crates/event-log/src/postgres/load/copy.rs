//! Events as the database takes them fastest: as the rows of a COPY.

use std::io::{BufRead, Write};
use std::mem;

use sqlx::PgConnection;
use sqlx::postgres::PgDatabaseError;
use sqlx::types::Uuid;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::LoadError;
use crate::RecordedEvent;
use crate::archive::{ArchiveError, Reader, Summary};

/// Bytes that are sent at once.
const CHUNK: usize = 1 << 18;

/// Chunks that wait for the database while the archive is read on.
const AHEAD: usize = 4;

/// Some rows, and how many events there are up to the last of them.
struct Chunk {
    rows: Vec<u8>,
    events: u64,
}

/// Copies every event of the archive into the log. What its last line says.
pub(super) async fn all(
    connection: &mut PgConnection,
    archive: Reader<Box<dyn BufRead + Send>>,
    progress: impl FnMut(u64),
) -> Result<Summary, LoadError> {
    let (sender, chunks) = mpsc::channel(AHEAD);
    let reading = tokio::task::spawn_blocking(move || read(archive, &sender));
    let (read, copied) = tokio::join!(reading, send(connection, chunks, progress));
    let summary = read??;
    copied?;
    // The archive was read to its end unless the database failed before.
    summary.ok_or_else(|| sqlx::Error::WorkerCrashed.into())
}

/// Reads the archive to its end, or for as long as somebody takes the rows.
fn read(
    mut archive: Reader<Box<dyn BufRead + Send>>,
    chunks: &Sender<Chunk>,
) -> Result<Option<Summary>, ArchiveError> {
    let (mut rows, mut events) = (vec![], 0);
    while let Some(event) = archive.next_event()? {
        write_row(&mut rows, &event);
        events += 1;
        if rows.len() >= CHUNK {
            let next = Vec::with_capacity(rows.len());
            let chunk = Chunk { rows: mem::replace(&mut rows, next), events };
            if chunks.blocking_send(chunk).is_err() {
                return Ok(None);
            }
        }
    }
    let sent = chunks.blocking_send(Chunk { rows, events });
    Ok(archive.summary().filter(|_| sent.is_ok()).cloned())
}

async fn send(
    connection: &mut PgConnection,
    mut chunks: Receiver<Chunk>,
    mut progress: impl FnMut(u64),
) -> Result<(), LoadError> {
    let copy = "COPY log.events (position, stream, version, event_id, event_type, schema_version,
        recorded_at, data, metadata) FROM STDIN";
    let mut copy = connection.copy_in_raw(copy).await?;
    while let Some(chunk) = chunks.recv().await {
        copy.send(chunk.rows).await?;
        progress(chunk.events);
    }
    copy.finish().await.map_err(refused)?;
    Ok(())
}

/// Which line the database does not take, where that is what it says.
fn refused(error: sqlx::Error) -> LoadError {
    let context = match &error {
        sqlx::Error::Database(error) => {
            error.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::r#where)
        }
        _ => None,
    };
    // In whatever language: "COPY events, line 17, …".
    let digits = |text: &str| {
        let (_, place) = text.split_once("COPY events")?;
        let number = place.chars().skip_while(|c| !c.is_ascii_digit());
        number.take_while(char::is_ascii_digit).collect::<String>().parse::<u64>().ok()
    };
    match context.and_then(digits) {
        // The archive's first line is no event.
        Some(row) => LoadError::Refused { line: row + 1, source: error },
        None => LoadError::Database(error),
    }
}

fn write_row(rows: &mut Vec<u8>, event: &RecordedEvent) {
    let id = Uuid::from(event.id);
    // Writing to memory cannot fail.
    let _ = write!(rows, "{}\t", event.position);
    write_text(rows, &event.stream);
    let _ = write!(rows, "\t{}\t{id}\t", event.version);
    write_text(rows, &event.event_type);
    let _ = write!(rows, "\t{}\t{}\t", event.schema_version, event.recorded_at.to_rfc3339());
    write_text(rows, event.data.get());
    rows.push(b'\t');
    write_text(rows, event.metadata.get());
    rows.push(b'\n');
}

/// Writes what the form of COPY has uses of its own for otherwise.
fn write_text(rows: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'\\' => rows.extend_from_slice(b"\\\\"),
            b'\n' => rows.extend_from_slice(b"\\n"),
            b'\r' => rows.extend_from_slice(b"\\r"),
            b'\t' => rows.extend_from_slice(b"\\t"),
            byte => rows.push(byte),
        }
    }
}
