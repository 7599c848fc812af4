//! The commands of the YouTube dialect (contract §4). A file here is a resource of the API.

mod body;
pub(crate) mod live_chat_bans;
mod refusal;
mod resource;
