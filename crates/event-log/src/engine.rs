//! Which engine an address names.

use std::sync::Arc;

use crate::postgres::{PostgresLog, PostgresLogConfig, PostgresReader};
use crate::{EventLog, LogError, LogReader};

/// The address names no engine that this program has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address of an event log begins with {}", SCHEMES.join(", "))]
pub struct EngineError;

/// What an address may begin with.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

enum Engine {
    Postgres,
}

impl Engine {
    fn of(url: &str) -> Result<Self, LogError> {
        match url.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres),
            _ => Err(LogError::Broken(Arc::new(EngineError))),
        }
    }
}

/// Opens the log at `url`, to append and to read.
pub async fn open(url: &str) -> Result<Arc<dyn EventLog>, LogError> {
    match Engine::of(url)? {
        Engine::Postgres => Ok(Arc::new(PostgresLog::connect(PostgresLogConfig::new(url)).await?)),
    }
}

/// Opens the log at `url` for those who may not append.
pub async fn open_reader(url: &str) -> Result<Arc<dyn LogReader>, LogError> {
    match Engine::of(url)? {
        Engine::Postgres => Ok(Arc::new(PostgresReader::connect(url).await?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_of_no_engine_is_refused_without_being_shown() {
        for url in ["", "docket", "mysql://root:hunter2@db/log", "postgres:/db"] {
            let Err(LogError::Broken(error)) = open(url).await else { panic!("{url} opened") };
            let said = error.to_string();
            assert!(said.contains("postgres://") && !said.contains("hunter2"), "{said}");
        }
    }
}
