//! Docket in one process, and its roles as sub-commands of one program.
//!
//! [`all`] starts what the separate services start, by the same functions, on one port: nothing exists
//! only here but the conveniences of a first try, a PostgreSQL ([`private_postgres`]), a key pair
//! ([`tokens`]) and a little world to moderate ([`demo`]). To add a sub-command: a variant of
//! [`cli::Command`] and its line in [`cli::Cli::run`].
//!
//! **Architecture Invariant:** no rule, no route and no SQL of the product is here.

pub mod all;
mod archive;
pub mod cli;
pub mod data_dir;
pub mod demo;
mod error;
mod log_key;
mod master_key;
pub mod master_keys;
pub mod openapi;
pub mod private_postgres;
mod roles;
pub mod schemas;
pub mod store;
mod subject_keys;
mod tasks;
pub mod tokens;
mod welcome;

pub use error::DocketError;
