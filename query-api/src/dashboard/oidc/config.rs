//! Which provider people sign in at.

use std::net::IpAddr;

use clap::Args;
use openidconnect::url::Url;
use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl};

/// The provider, where there is one.
#[derive(Debug, Clone, Default, Args)]
pub struct OidcConfig {
    /// The OpenID provider to sign in at, which describes itself below this address. `OIDC_ISSUER_URL`, default
    /// none: people paste a token.
    #[arg(long, env = "OIDC_ISSUER_URL", value_name = "URL")]
    pub oidc_issuer_url: Option<String>,
    /// What the provider calls us. `OIDC_CLIENT_ID`, no default.
    #[arg(long, env = "OIDC_CLIENT_ID", value_name = "ID")]
    pub oidc_client_id: Option<String>,
    /// What proves that to it, unless we are a public client. `OIDC_CLIENT_SECRET`, default none.
    #[arg(long, env = "OIDC_CLIENT_SECRET", hide_env_values = true, value_parser = secret,
        value_name = "TEXT")]
    pub oidc_client_secret: Option<ClientSecret>,
    /// What is asked for, separated by spaces. `OIDC_SCOPES`, default `openid`.
    #[arg(long, env = "OIDC_SCOPES", default_value = "openid", value_name = "SCOPES")]
    pub oidc_scopes: String,
    /// What people call the provider. `OIDC_PROVIDER_NAME`, default the host of `OIDC_ISSUER_URL`.
    #[arg(long, env = "OIDC_PROVIDER_NAME", value_name = "NAME")]
    pub oidc_provider_name: Option<String>,
}

/// Why nobody can sign in at the provider: each in one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OidcConfigError {
    /// Needed, and absent.
    #[error("{0} is not set, which signing in at a provider needs")]
    Missing(&'static str),
    /// No address of a web server.
    #[error("{0} must be an address such as https://id.example.org")]
    NotAnAddress(&'static str),
    /// Everybody between us and the provider could be anybody.
    #[error("{0} must begin with https://, except on this machine")]
    Insecure(&'static str),
    /// Requests cannot be sent.
    #[error("the provider cannot be asked")]
    Http(#[from] reqwest::Error),
}

/// A configuration that can be used.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) issuer: IssuerUrl,
    pub(super) client_id: ClientId,
    pub(super) client_secret: Option<ClientSecret>,
    pub(super) scopes: Vec<String>,
    pub(super) redirect_url: RedirectUrl,
    pub(super) name: String,
}

#[expect(clippy::unnecessary_wraps, reason = "clap wants a result")]
fn secret(text: &str) -> Result<ClientSecret, std::convert::Infallible> {
    Ok(ClientSecret::new(text.to_owned()))
}

impl OidcConfig {
    /// What it amounts to; `None` when there is no provider. `public_url` is where browsers find us.
    pub(super) fn settings(
        &self,
        public_url: Option<&str>,
    ) -> Result<Option<Settings>, OidcConfigError> {
        const ISSUER: &str = "OIDC_ISSUER_URL";
        let set = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        let client_id = set(&self.oidc_client_id);
        let Some(issuer) = set(&self.oidc_issuer_url) else {
            return match client_id {
                Some(_) => Err(OidcConfigError::Missing(ISSUER)),
                None => Ok(None),
            };
        };
        let client_id = client_id.ok_or(OidcConfigError::Missing("OIDC_CLIENT_ID"))?;
        let secret = self.oidc_client_secret.clone();
        let public_url = public_url.filter(|url| !url.is_empty());
        let public_url = public_url.ok_or(OidcConfigError::Missing("PUBLIC_URL"))?;
        let host = address(ISSUER, &issuer)?;
        address("PUBLIC_URL", public_url)?;
        let redirect_url = format!("{}{}", public_url.trim_end_matches('/'), super::END);
        Ok(Some(Settings {
            issuer: IssuerUrl::new(issuer).map_err(|_| OidcConfigError::NotAnAddress(ISSUER))?,
            client_id: ClientId::new(client_id),
            client_secret: secret.filter(|secret| !secret.secret().is_empty()),
            // The library asks for it by itself.
            scopes: self
                .oidc_scopes
                .split_whitespace()
                .filter(|scope| *scope != "openid")
                .map(str::to_owned)
                .collect(),
            redirect_url: RedirectUrl::new(redirect_url)
                .map_err(|_| OidcConfigError::NotAnAddress("PUBLIC_URL"))?,
            name: set(&self.oidc_provider_name).unwrap_or(host),
        }))
    }
}

/// The host of an address that nobody on the way can change what is said at.
fn address(variable: &'static str, address: &str) -> Result<String, OidcConfigError> {
    let url = Url::parse(address).map_err(|_| OidcConfigError::NotAnAddress(variable))?;
    let host = url.host_str().ok_or(OidcConfigError::NotAnAddress(variable))?;
    match url.scheme() {
        "https" => Ok(host.to_owned()),
        "http" if is_this_machine(host) => Ok(host.to_owned()),
        "http" => Err(OidcConfigError::Insecure(variable)),
        _ => Err(OidcConfigError::NotAnAddress(variable)),
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        oidc: OidcConfig,
    }

    fn config(arguments: &[&str]) -> OidcConfig {
        Cli::parse_from(["test"].iter().chain(arguments)).oidc
    }

    fn complaint(arguments: &[&str], public_url: Option<&str>) -> String {
        config(arguments).settings(public_url).unwrap_err().to_string()
    }

    const ISSUER: &str = "--oidc-issuer-url=https://id.example.org/realm";
    const CLIENT: &str = "--oidc-client-id=docket";
    const HERE: Option<&str> = Some("https://moderation.example.org/");

    #[test]
    fn it_says_where_people_come_back_to_and_what_the_provider_is_called() {
        let settings = config(&[ISSUER, CLIENT]).settings(HERE).unwrap().unwrap();
        let back = "https://moderation.example.org/dashboard/sign-in/callback";
        assert_eq!(settings.redirect_url.as_str(), back);
        assert_eq!(settings.name, "id.example.org");
        assert_eq!(settings.scopes, Vec::<String>::new());
        let more = ["--oidc-scopes=openid  profile", "--oidc-provider-name=Example ID"];
        let settings = config(&[&[ISSUER, CLIENT][..], &more].concat());
        let settings = settings.settings(HERE).unwrap().unwrap();
        assert_eq!(
            (settings.name.as_str(), settings.scopes),
            ("Example ID", vec!["profile".into()])
        );
    }

    #[test]
    fn without_a_provider_there_is_none() {
        assert!(config(&[]).settings(None).unwrap().is_none());
        // Set-ups hand on what is not set as nothing.
        let nothing = ["issuer-url", "client-id", "client-secret", "provider-name"];
        let nothing = nothing.map(|name| format!("--oidc-{name}="));
        let nothing: Vec<_> = nothing.iter().map(String::as_str).collect();
        assert!(config(&nothing).settings(None).unwrap().is_none());
        let public = config(&[ISSUER, CLIENT, nothing[2], nothing[3]]);
        let public = public.settings(HERE).unwrap().unwrap();
        assert!(public.client_secret.is_none() && public.name == "id.example.org");
        assert!(complaint(&[ISSUER, CLIENT], Some("")).contains("PUBLIC_URL is not set"));
    }

    #[test]
    fn half_a_configuration_is_refused() {
        assert!(complaint(&[CLIENT], HERE).contains("OIDC_ISSUER_URL is not set"));
        assert!(complaint(&[ISSUER], HERE).contains("OIDC_CLIENT_ID is not set"));
        assert!(complaint(&[ISSUER, CLIENT], None).contains("PUBLIC_URL is not set"));
    }

    #[test]
    fn addresses_must_be_safe() {
        let refused =
            |issuer: &str, here| complaint(&[&format!("--oidc-issuer-url={issuer}"), CLIENT], here);
        for issuer in
            ["http://id.example.org", "http://localhost.example.org", "http://192.168.0.1"]
        {
            assert!(refused(issuer, HERE).contains("OIDC_ISSUER_URL must begin"), "{issuer}");
        }
        for issuer in ["id.example.org", "javascript:alert(1)", "file:///etc/passwd"] {
            assert!(refused(issuer, HERE).contains("OIDC_ISSUER_URL must be"), "{issuer}");
        }
        let https = "https://id.example.org";
        assert!(
            refused(https, Some("http://moderation.example.org")).contains("PUBLIC_URL must begin")
        );
        for issuer in ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"] {
            let config = config(&[&format!("--oidc-issuer-url={issuer}"), CLIENT]);
            assert!(config.settings(Some("http://127.0.0.1:8080")).is_ok(), "{issuer}");
        }
    }

    #[test]
    fn the_client_s_secret_is_not_shown() {
        let config = config(&[ISSUER, CLIENT, "--oidc-client-secret=hunter2"]);
        let shown = format!("{config:?} {:?}", config.settings(HERE));
        assert!(shown.contains("id.example.org") && !shown.contains("hunter2"), "{shown}");
    }
}
