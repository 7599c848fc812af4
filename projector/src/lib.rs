//! The log turned into tables.
