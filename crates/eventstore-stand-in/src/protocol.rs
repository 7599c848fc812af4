//! The protocol, generated.
#![expect(
    missing_docs,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::large_enum_variant,
    clippy::pedantic,
    reason = "generated from the files of another project"
)]

include!(concat!(env!("OUT_DIR"), "/protocol.rs"));

pub use event_store::client::*;
