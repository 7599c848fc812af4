//! The commands of the Allmine dialect (contract §3), the directory's ingestion (§7) and privacy in the
//! same envelope. A file here is a resource of the API.

pub(crate) mod bans;
pub(crate) mod live_streams;
pub(crate) mod privacy;
pub(crate) mod reports;
mod snapshots;
pub(crate) mod users;
