//! `feed`: what happens, as it happens, to those who may see it.

mod ends;
mod history;
mod listener;
mod places;
mod shared;
mod shown;

const FEED: &str = "/api/v1/moderation/feed";
