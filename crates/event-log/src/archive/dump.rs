//! A log into an archive, while everything goes on.

use std::io::{self, Write};

use super::{Summary, Writer};
use crate::{LogError, LogReader, Position};

/// Events that are read at once.
const PAGE: u32 = 2_000;

/// Why a log could not be written into an archive.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] LogError),
    /// The archive cannot be written.
    #[error("the archive cannot be written")]
    Write(#[from] io::Error),
    /// The writing was broken off.
    #[error("the archive cannot be written")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Writes every event of `log` up to `until` into the archive and ends it with `checkpoint`. Tells
/// `progress` after each page how many there are so far, and the position of the last. The next page is
/// read while one is written.
pub async fn dump<W: Write + Send + 'static>(
    log: &dyn LogReader,
    until: Position,
    mut writer: Writer<W>,
    checkpoint: Option<String>,
    mut progress: impl FnMut(u64, Position),
) -> Result<(Summary, W), DumpError> {
    let mut page = log.read_all(Position::START, PAGE).await?;
    let mut written = 0;
    loop {
        page.events.retain(|event| event.position <= until);
        let Some(last) = page.events.last().map(|event| event.position) else { break };
        written += page.events.len() as u64;
        let writing = tokio::task::spawn_blocking(move || {
            page.events.iter().try_for_each(|event| writer.push(event)).map(|()| writer)
        });
        let (wrote, next) = tokio::join!(writing, log.read_all(last, PAGE));
        writer = wrote??;
        page = next?;
        progress(written, last);
    }
    Ok(tokio::task::spawn_blocking(move || writer.end(checkpoint)).await??)
}
