//! The directory's topics on a real broker, taken into a real PostgreSQL: given records, these rows; and
//! through whatever happens to a process, the same rows.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod broker;
mod group;
#[path = "../projections/keys.rs"]
mod keys;
mod killed;
mod landing;
mod parked;
mod restored;
mod running;
mod samples;
mod tombstones;
