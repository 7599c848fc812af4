//! Which engine an address names.

use std::io::BufRead;
use std::sync::Arc;

use crate::archive::{Positions, Reader, Summary};
use crate::postgres::{self, LoadError, Loading, PostgresLog, PostgresLogConfig, PostgresReader};
use crate::{EventLog, LogError, LogReader};

/// The address names no engine that this program has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// It begins like no engine's address.
    #[error("the address of an event log begins with {}", SCHEMES.join(", "))]
    Unknown,
    /// It is one of EventStoreDB.
    #[error(
        "this program was built without EventStoreDB: build it with the feature \"eventstore\""
    )]
    WithoutEventStore,
}

/// What an address may begin with.
const SCHEMES: [&str; 6] = [
    "postgres://",
    "postgresql://",
    "esdb://",
    "esdb+discover://",
    "kurrentdb://",
    "kurrentdb+discover://",
];

enum Engine {
    Postgres,
    EventStore,
}

impl Engine {
    fn of(url: &str) -> Result<Self, LogError> {
        match url.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres),
            Some(("esdb" | "esdb+discover" | "kurrentdb" | "kurrentdb+discover", _)) => {
                Ok(Self::EventStore)
            }
            _ => Err(LogError::Broken(Arc::new(EngineError::Unknown))),
        }
    }
}

/// Whether `url` is the address of an engine that this program has. Connects to nobody, so what is wrong
/// with it will not get better by itself.
pub fn check_address(url: &str) -> Result<(), LogError> {
    match Engine::of(url)? {
        Engine::Postgres => PostgresReader::check_address(url),
        Engine::EventStore => event_store::check_address(url),
    }
}

/// Opens the log at `url`, to append and to read.
pub async fn open(url: &str) -> Result<Arc<dyn EventLog>, LogError> {
    match Engine::of(url)? {
        Engine::Postgres => Ok(Arc::new(PostgresLog::connect(PostgresLogConfig::new(url)).await?)),
        Engine::EventStore => event_store::open(url).await,
    }
}

/// Opens the log at `url` for those who may not append.
pub async fn open_reader(url: &str) -> Result<Arc<dyn LogReader>, LogError> {
    match Engine::of(url)? {
        Engine::Postgres => Ok(Arc::new(PostgresReader::connect(url).await?)),
        Engine::EventStore => event_store::open_reader(url).await,
    }
}

/// How the log at `url` numbers its events.
pub fn positions(url: &str) -> Result<Positions, LogError> {
    Ok(match Engine::of(url)? {
        Engine::Postgres => Positions::Dense,
        Engine::EventStore => Positions::Increasing,
    })
}

/// Loads an archive into the log at `url`, which must be empty: all of it as it was, or nothing.
pub async fn load(
    url: &str,
    archive: Reader<Box<dyn BufRead + Send>>,
    progress: impl FnMut(Loading),
) -> Result<Summary, LoadError> {
    match Engine::of(url).map_err(LoadError::Address)? {
        Engine::Postgres => postgres::load(url, archive, progress).await,
        Engine::EventStore => Err(LoadError::Engine),
    }
}

#[cfg(feature = "eventstore")]
mod event_store {
    use std::sync::Arc;

    use crate::eventstore::{EventStoreConfig, EventStoreLog, EventStoreReader};
    use crate::{EventLog, LogError, LogReader};

    pub(super) fn check_address(url: &str) -> Result<(), LogError> {
        EventStoreConfig::new(url).check_address()
    }

    // PostgreSQL tells the time at which it takes an event; for EventStoreDB, whose time is cut to
    // seconds on its way here, the one who appends tells it.
    #[expect(clippy::disallowed_methods, reason = "the clock of a log that has none of its own")]
    pub(super) async fn open(url: &str) -> Result<Arc<dyn EventLog>, LogError> {
        let config = EventStoreConfig::new(url);
        Ok(Arc::new(EventStoreLog::connect(config, chrono::Utc::now).await?))
    }

    pub(super) async fn open_reader(url: &str) -> Result<Arc<dyn LogReader>, LogError> {
        Ok(Arc::new(EventStoreReader::connect(&EventStoreConfig::new(url)).await?))
    }
}

#[cfg(not(feature = "eventstore"))]
mod event_store {
    use std::future::{Ready, ready};
    use std::sync::Arc;

    use super::EngineError;
    use crate::{EventLog, LogError, LogReader};

    pub(super) fn check_address(_url: &str) -> Result<(), LogError> {
        Err(LogError::Broken(Arc::new(EngineError::WithoutEventStore)))
    }

    pub(super) fn open(_url: &str) -> Ready<Result<Arc<dyn EventLog>, LogError>> {
        ready(Err(LogError::Broken(Arc::new(EngineError::WithoutEventStore))))
    }

    pub(super) fn open_reader(_url: &str) -> Ready<Result<Arc<dyn LogReader>, LogError>> {
        ready(Err(LogError::Broken(Arc::new(EngineError::WithoutEventStore))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_of_no_engine_is_refused_without_being_shown() {
        for url in ["", "docket", "mysql://root:hunter2@db/log", "postgres:/db", "esdb:db"] {
            let Err(LogError::Broken(error)) = open(url).await else { panic!("{url} opened") };
            let said = error.to_string();
            assert!(said.contains("postgres://") && said.contains("esdb://"), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }

    #[cfg(not(feature = "eventstore"))]
    #[tokio::test]
    async fn without_eventstore_its_addresses_are_refused_with_the_reason() {
        for url in ["esdb://db", "esdb+discover://db", "kurrentdb://db", "kurrentdb+discover://db"]
        {
            let (log, reader) = (open(url).await.err(), open_reader(url).await.err());
            for error in [log, reader] {
                let Some(LogError::Broken(error)) = error else { panic!("{url} opened") };
                assert!(error.to_string().contains("built without EventStoreDB"), "{error}");
            }
        }
    }
}
