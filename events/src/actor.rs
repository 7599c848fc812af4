//! Who asks.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::UserId;

/// A role on the platform, from the token's claim `roles`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Moderates every live stream and reviews reports.
    Moderator,
    /// May do what a moderator and an auditor may.
    Admin,
    /// Reads history and proofs.
    Auditor,
    /// A machine of the platform: writes snapshots, checks bans.
    Service,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Moderator, Self::Admin, Self::Auditor, Self::Service];

    /// The role's name in a token.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Moderator => "moderator",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Service => "service",
        }
    }

    /// The role of this name; `None` for a role that means nothing to us.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// A set of platform roles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Roles(BTreeSet<Role>);

impl Roles {
    /// Whether `role` is among them.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether they make their bearer platform staff: a moderator or an admin.
    pub fn are_staff(&self) -> bool {
        self.has(Role::Moderator) || self.has(Role::Admin)
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().collect())
    }
}

/// A signed-in caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The token's `sub`.
    pub id: UserId,
    /// The token's `roles`.
    pub roles: Roles,
}
