//! Where a command comes from: what its events remember beside what happened.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use events::{Actor, CorrelationId, Dialect, Metadata, Roles, Timestamp, UserId};
use ulid::Ulid;
use web::{Caller, Client, IdempotencyKey, Problem};

/// Who sent a command, with what. The extractor that every command's handler takes.
#[derive(Debug)]
pub(crate) struct Sender {
    /// Who asks.
    pub(crate) caller: Caller,
    /// Through which program.
    pub(crate) client: Client,
    /// His name for the command, by which a repetition is known.
    pub(crate) key: Option<IdempotencyKey>,
}

impl Sender {
    /// Who asks, as the rules know him.
    pub(crate) fn actor(&self) -> &Actor {
        &self.caller.actor
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Sender {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self {
            caller: Caller::from_request_parts(parts, state).await?,
            client: Client::from_request_parts(parts, state).await?,
            key: <IdempotencyKey as OptionalFromRequestParts<S>>::from_request_parts(parts, state)
                .await?,
        })
    }
}

/// Where a command comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Origin<'a> {
    /// From somebody signed in.
    Sender {
        /// Who.
        sender: &'a Sender,
        /// The event of another stream that led to the command.
        cause: Option<Ulid>,
    },
    /// From the process manager that ends bans whose time has run out.
    Expiry {
        /// The event that created the ban.
        cause: Ulid,
        /// What that event belongs to.
        correlation_id: &'a CorrelationId,
    },
}

impl<'a> From<&'a Sender> for Origin<'a> {
    fn from(sender: &'a Sender) -> Self {
        Self::Sender { sender, cause: None }
    }
}

impl<'a> Origin<'a> {
    /// The caller and the name that he gave the command, if he did.
    pub(crate) fn key(self) -> Option<(&'a UserId, &'a IdempotencyKey)> {
        match self {
            Self::Sender { sender, .. } => sender.key.as_ref().map(|key| (&sender.actor().id, key)),
            Self::Expiry { .. } => None,
        }
    }

    /// The API that it came through.
    pub(crate) fn dialect(self) -> Dialect {
        match self {
            Self::Sender { sender, .. } => sender.client.dialect,
            Self::Expiry { .. } => Dialect::System,
        }
    }

    /// What the events of a decision made at `now` remember.
    pub(crate) fn metadata(self, command_id: Ulid, now: Timestamp) -> Metadata {
        let blank = |correlation_id: &CorrelationId| Metadata {
            actor: None,
            roles: Roles::default(),
            dialect: self.dialect(),
            platform: None,
            app_version: None,
            device_id: None,
            timezone: None,
            user_agent: None,
            client_ip: None,
            correlation_id: correlation_id.clone(),
            causation_id: None,
            command_id,
            occurred_at: now,
            request_fingerprint: None,
            sealed: BTreeMap::new(),
        };
        match self {
            Self::Expiry { cause, correlation_id } => {
                Metadata { causation_id: Some(cause), ..blank(correlation_id) }
            }
            Self::Sender { sender: Sender { caller, client, .. }, cause } => Metadata {
                causation_id: cause,
                actor: Some(caller.actor.id.clone()),
                roles: caller.actor.roles.clone(),
                platform: client.platform,
                app_version: client.app_version.clone(),
                device_id: client.device_id.clone(),
                timezone: client.timezone.map(str::to_owned),
                user_agent: client.user_agent.clone(),
                client_ip: client.client_ip,
                ..blank(&client.correlation_id)
            },
        }
    }
}
