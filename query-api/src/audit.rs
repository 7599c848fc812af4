//! What auditors read (contract §6). Files are named after the paths that they serve, below
//! `/api/v1/audit/`.

pub mod log;
pub mod opened;
