//! What queries read: a statement beside the shape of its rows. No HTTP, no rule.
//!
//! The directory is joined at read time on primary keys, after the page has been cut, so a page costs
//! the same however large the tables are.

pub mod active_bans;
pub mod bans;
pub mod checkpoints;
pub mod directory;
pub mod history;
pub mod links;
pub mod live_streams;
pub mod pool;
pub mod report_groups;
pub mod reports;
pub mod row;
pub mod statistics;
pub mod top_streams;
pub mod tree;
pub mod window;
