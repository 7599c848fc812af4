//! Users as answers show them.

use std::collections::BTreeMap;

use events::{Timestamp, UserId, UserSnapshot};
use serde::Serialize;
use utoipa::ToSchema;

/// A user, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserSummary {
    /// The platform's id.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: UserId,
    /// The handle to sign in with.
    pub username: String,
    /// Given name.
    pub name: String,
    /// Family name.
    pub surname: String,
    /// The picture, if there is one.
    pub profile_photo: Option<ProfilePhoto>,
    /// What the platform says of the presence.
    pub availability_status: String,
}

impl UserSummary {
    /// The user as the directory has it; nothing but the id when it knows no more.
    pub fn of(id: &UserId, snapshot: Option<&UserSnapshot>) -> Self {
        let Some(user) = snapshot else {
            return Self {
                id: id.clone(),
                username: String::new(),
                name: String::new(),
                surname: String::new(),
                profile_photo: None,
                availability_status: "unknown".to_owned(),
            };
        };
        Self {
            id: user.id.clone(),
            username: user.username.clone(),
            name: user.name.clone(),
            surname: user.surname.clone(),
            profile_photo: user.profile_photo.clone().map(ProfilePhoto::from),
            availability_status: user.availability_status.clone(),
        }
    }
}

/// A picture and its smaller variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProfilePhoto {
    /// The platform's id of the file.
    #[serde(rename = "_id")]
    pub id: String,
    /// Where the picture is.
    pub url: String,
    /// Its media type.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Width in pixels to the place of that variant.
    pub variants: BTreeMap<String, String>,
    /// When the platform stored it.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When the platform last changed it.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<events::ProfilePhoto> for ProfilePhoto {
    fn from(photo: events::ProfilePhoto) -> Self {
        let events::ProfilePhoto { id, url, media_type, variants, created_at, updated_at } = photo;
        Self { id, url, media_type, variants, created_at, updated_at }
    }
}
