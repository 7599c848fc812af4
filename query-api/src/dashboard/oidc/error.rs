//! Why nobody is signed in, and what they are told.

use axum::http::StatusCode;
use openidconnect::core::CoreErrorResponseType;
use openidconnect::{
    ClaimsVerificationError, ConfigurationError, DiscoveryError, RequestTokenError,
    StandardErrorResponse,
};

use super::http::HttpError;
use crate::dashboard::sign_in::NoSession;

/// Why nobody is signed in. None of it holds a code or a token, so that the log may have it.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignInError {
    /// The provider does not tell where things are.
    #[error("the provider does not describe itself")]
    Discovery(#[source] DiscoveryError<HttpError>),
    /// It did not a moment ago.
    #[error("the provider did not describe itself a moment ago")]
    StillDown,
    /// It does not take codes.
    #[error("the provider names no place to change codes for tokens")]
    NoTokens(#[from] ConfigurationError),
    /// It cannot be asked for tokens.
    #[error("the provider cannot be asked for tokens")]
    Unreachable(#[source] HttpError),
    /// This browser has not asked for what was brought, or not lately, or had it already.
    #[error("nobody has asked for this answer of the provider")]
    Unasked,
    /// The person was not let in by the provider, or did not want to.
    #[error("the provider says that access is denied")]
    Denied,
    /// The provider gives no tokens.
    #[error("the provider refuses: {0}")]
    Refused(String),
    /// It answered neither tokens nor an error. What it did answer may hold a token.
    #[error("the provider's answer has no tokens in it")]
    NoAnswer,
    /// It says who that is in a way that proves nothing.
    #[error("the provider's ID token is not good")]
    Identity(#[source] ClaimsVerificationError),
    /// The ID token speaks of another access token, or it cannot be known.
    #[error("the provider's ID token belongs to another access token")]
    OtherToken,
    /// The API does not take the access token.
    #[error("the provider's access token is not good for the API")]
    Token(#[source] NoSession),
}

impl SignInError {
    /// What `error` in the address says; whoever sent the browser here could have written anything.
    pub(super) fn refused(error: &str) -> Self {
        if error == "access_denied" {
            return Self::Denied;
        }
        let known = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        let is_code = error.len() <= 64 && error.bytes().all(known);
        Self::Refused(if is_code { error.to_owned() } else { "an unknown error".to_owned() })
    }

    /// The key of the text that says it.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Discovery(_) | Self::StillDown | Self::NoTokens(_) | Self::Unreachable(_) => {
                "sign-in-provider-unreachable"
            }
            Self::Unasked => "sign-in-provider-unasked",
            Self::Denied => "sign-in-provider-denied",
            Self::Refused(_) | Self::NoAnswer | Self::Identity(_) | Self::OtherToken => {
                "sign-in-provider-failed"
            }
            Self::Token(NoSession::TooLong) => "sign-in-too-long",
            Self::Token(NoSession::Refused(_)) => "sign-in-provider-token",
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Discovery(_) | Self::StillDown | Self::NoTokens(_) | Self::Unreachable(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Unasked => StatusCode::BAD_REQUEST,
            Self::Refused(_) | Self::NoAnswer | Self::Identity(_) | Self::OtherToken => {
                StatusCode::UNAUTHORIZED
            }
            Self::Denied | Self::Token(_) => StatusCode::FORBIDDEN,
        }
    }
}

impl From<RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>>
    for SignInError
{
    fn from(
        error: RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>,
    ) -> Self {
        match error {
            RequestTokenError::ServerResponse(answer) => Self::refused(answer.error().as_ref()),
            RequestTokenError::Request(cause) => Self::Unreachable(cause),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Self::NoAnswer,
        }
    }
}
