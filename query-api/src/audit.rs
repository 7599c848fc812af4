//! History for auditors.

pub mod opened;
