//! Texts sealed with a key for each person, so that destroying the key erases them wherever they are.
//!
//! Each person has a *subject key* (AES-256-GCM) in the table `privacy.subject_keys`, itself sealed with a
//! *master key* that only the configuration holds. [`SubjectKey`] seals a text for one place of one event;
//! [`store`] keeps the keys; [`MasterKeys`] are read from a file.
//!
//! **Architecture Invariant:** no key is ever shown, logged or compared in the open, and no key is kept in
//! memory for longer than the work that it was fetched for: a key that was destroyed opens nothing more.

mod config;
mod master;
pub mod store;
mod subject;

pub use config::SealingConfig;
pub use master::{MasterKeyError, MasterKeys, NAME_MAX};
pub use store::{Durability, Each, KeyError, Keys};
pub use subject::{Place, SealError, SubjectKey};
