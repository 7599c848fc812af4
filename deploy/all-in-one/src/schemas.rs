//! What Kafka's topics hold, for those at the other end: AsyncAPI, and JSON Schemas of the events.

use std::fs;
use std::path::Path;

use projector::kafka::{asyncapi, schemas};

use crate::DocketError;

/// The topics, as the document is committed as `asyncapi.json`.
pub fn topics() -> Result<String, DocketError> {
    Ok(serde_json::to_string_pretty(&asyncapi::document())?)
}

/// The schema of each event that is written, as it is committed in `events/schemas`, by its file's name.
pub fn files() -> Result<Vec<(String, String)>, DocketError> {
    let file = |(name, schema)| {
        Ok((format!("{name}.json"), serde_json::to_string_pretty(&schema)? + "\n"))
    };
    schemas::all().into_iter().map(file).collect()
}

/// Writes them into a folder that exists. Files of earlier versions stay.
pub(crate) fn write(folder: &Path) -> Result<(), DocketError> {
    for (name, text) in files()? {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|source| DocketError::Unwritten { path, source })?;
    }
    Ok(())
}
