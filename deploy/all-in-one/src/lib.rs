//! Docket in one process.

pub mod private_postgres;
