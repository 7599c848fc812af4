//! The read side: tables over HTTP.
