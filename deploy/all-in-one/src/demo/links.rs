//! Links that sign in to the dashboard as the persons of the demonstration.

use std::collections::BTreeMap;

use aws_lc_rs::error::Unspecified;
use query_api::dashboard::{Guest, Guests};

use super::Tokens;

/// Links and what they stand for; other ones at each start.
#[derive(Debug, Clone)]
pub(super) struct Links {
    guests: Vec<Guest>,
    /// By the part that is played.
    pub(super) urls: BTreeMap<&'static str, String>,
}

impl Links {
    /// A link for each part that has something to see.
    pub(super) fn new(base_url: &str, tokens: &Tokens) -> Result<Self, Unspecified> {
        let parts = [
            ("creator", &tokens.creator),
            ("streamModerator", &tokens.stream_moderator),
            ("platformModerator", &tokens.platform_moderator),
            ("admin", &tokens.admin),
            ("auditor", &tokens.auditor),
        ];
        let mut links = Self { guests: Vec::new(), urls: BTreeMap::new() };
        for (part, token) in parts {
            let mut code = [0; 16];
            aws_lc_rs::rand::fill(&mut code)?;
            let code = hex::encode(code);
            links.urls.insert(part, format!("{base_url}/dashboard/sign-in#{code}"));
            links.guests.push(Guest { code, token: token.clone() });
        }
        Ok(links)
    }

    pub(super) fn guests(&self) -> Guests {
        self.guests.iter().cloned().collect()
    }
}
