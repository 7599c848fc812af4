//! The provider, and what it says of itself.

use std::sync::Arc;
use std::time::Duration;

use events::Timestamp;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::url::Url;
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, LanguageTag, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, Scope, SignatureVerificationError, TokenResponse,
};
use service::SharedClock;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::config::Settings;
use super::error::SignInError;
use super::http::Http;
use super::pending::Pending;
use super::{OidcConfig, OidcConfigError};

/// What it said of itself is asked for again after this.
const MAX_AGE: Duration = Duration::from_mins(10);
/// After a failure it is left alone for so long, whoever asks.
const RESPITE: Duration = Duration::from_secs(2);

/// How ID tokens may be signed: so that nobody else can. A shared secret is none of these.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider that people sign in at. It need not be there yet.
#[derive(Debug)]
pub struct Provider {
    settings: Settings,
    http: Http,
    clock: SharedClock,
    /// Who holds the lock is asking; the others wait for the answer.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    said: Option<(Arc<CoreProviderMetadata>, Instant)>,
    failed: Option<Instant>,
}

impl Provider {
    /// As configured; `None` when there is none. `public_url` is where browsers find us.
    pub(crate) fn new(
        config: &OidcConfig,
        public_url: Option<&str>,
        clock: SharedClock,
    ) -> Result<Option<Self>, OidcConfigError> {
        let Some(settings) = config.settings(public_url)? else { return Ok(None) };
        let (http, known) = (Http::new()?, Mutex::default());
        Ok(Some(Self { settings, http, clock, known }))
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    /// Where to send the browser, and what it will be recognised by.
    pub(super) async fn begin(
        &self,
        next: &str,
        language: &str,
        now: Timestamp,
    ) -> Result<(Url, Pending), SignInError> {
        let client = self.client(&*self.metadata(MAX_AGE).await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .add_ui_locale(LanguageTag::new(language.to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok((url, Pending::new(state, nonce, verifier, next, now)))
    }

    /// The access token for a code. Whose it is, the ID token beside it proves; what it is good for is not
    /// judged here.
    pub(super) async fn exchange(
        &self,
        code: String,
        pending: Pending,
    ) -> Result<String, SignInError> {
        let client = self.client(&*self.metadata(MAX_AGE).await?);
        let request = client.exchange_code(AuthorizationCode::new(code))?;
        let request = request.set_pkce_verifier(pending.verifier);
        let tokens = request.request_async(&self.http).await?;
        match self.check(&client, &tokens, &pending.nonce) {
            Err(SignInError::Identity(error)) if is_unknown_key(&error) => {
                // It signs with a new key, perhaps.
                let client = self.client(&*self.metadata(Duration::ZERO).await?);
                self.check(&client, &tokens, &pending.nonce)?;
            }
            checked => checked?,
        }
        Ok(tokens.access_token().secret().clone())
    }

    /// Whether the ID token is the provider's answer to what this browser asked, and goes with the access token.
    fn check(
        &self,
        client: &Client,
        tokens: &CoreTokenResponse,
        nonce: &Nonce,
    ) -> Result<(), SignInError> {
        let id_token = tokens.id_token().ok_or(SignInError::NoAnswer)?;
        let clock = Arc::clone(&self.clock);
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
        let verifier = verifier.set_time_fn(move || clock.now());
        let claims = id_token.claims(&verifier, nonce).map_err(SignInError::Identity)?;
        let Some(expected) = claims.access_token_hash() else { return Ok(()) };
        let (algorithm, key) = (id_token.signing_alg(), id_token.signing_key(&verifier));
        let (Ok(algorithm), Ok(key)) = (algorithm, key) else {
            return Err(SignInError::OtherToken);
        };
        let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
        if hash.is_ok_and(|hash| hash == *expected) { Ok(()) } else { Err(SignInError::OtherToken) }
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> Client {
        let Settings { client_id, client_secret, redirect_url, .. } = &self.settings;
        let (id, secret) = (client_id.clone(), client_secret.clone());
        CoreClient::from_provider_metadata(metadata.clone(), id, secret)
            .set_auth_type(auth_type(metadata))
            .set_redirect_uri(redirect_url.clone())
    }

    /// What the provider says of itself, asked for again when it is older than `max_age`. An outage leaves in use
    /// what it said before.
    async fn metadata(&self, max_age: Duration) -> Result<Arc<CoreProviderMetadata>, SignInError> {
        let mut known = self.known.lock().await;
        let old = known.said.as_ref().map(|(said, _)| Arc::clone(said));
        match (&known.said, known.failed) {
            (Some((said, at)), _) if at.elapsed() < max_age => return Ok(Arc::clone(said)),
            (_, Some(at)) if at.elapsed() < RESPITE => return old.ok_or(SignInError::StillDown),
            _ => {}
        }
        let issuer = self.settings.issuer.clone();
        match CoreProviderMetadata::discover_async(issuer, &self.http).await {
            Ok(said) => {
                let said = Arc::new(said);
                *known = Known { said: Some((Arc::clone(&said), Instant::now())), failed: None };
                Ok(said)
            }
            Err(error) => {
                known.failed = Some(Instant::now());
                old.ok_or(SignInError::Discovery(error))
            }
        }
    }
}

/// How we say who we are: as most clients do, unless the provider says that it takes only the other way.
fn auth_type(metadata: &CoreProviderMetadata) -> AuthType {
    let methods = metadata.token_endpoint_auth_methods_supported();
    let has = |method| methods.is_some_and(|methods| methods.contains(&method));
    let only_post = has(CoreClientAuthMethod::ClientSecretPost)
        && !has(CoreClientAuthMethod::ClientSecretBasic);
    if only_post { AuthType::RequestBody } else { AuthType::BasicAuth }
}

fn is_unknown_key(error: &ClaimsVerificationError) -> bool {
    let unknown = SignatureVerificationError::NoMatchingKey;
    matches!(error, ClaimsVerificationError::SignatureVerification(found) if *found == unknown)
}
