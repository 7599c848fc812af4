//! The address of a server or cluster, made good for the client.

use std::sync::Arc;

use eventstore::{ClientSettings, Credentials};
use percent_encoding::percent_decode_str;
use tracing::subscriber::NoSubscriber;

use super::names::Names;
use crate::LogError;

/// What the client is given before the user's own parameters: a server that does not say in this time
/// (ms) which features it has is not the one to wait for.
const OURS: &str = "gossipTimeout=2000";

/// What the client is given after them. It sleeps this interval (ms) before its first connection, and
/// with fewer than two attempts it never makes one; trying again is our affair.
const FORCED: &str = "discoveryInterval=10&maxDiscoverAttempts=3";

/// Without TLS no certificates are needed, yet the client reads those of the platform, and dies of a
/// folder that is not there. It leaves them alone when it is named a file.
const NO_CERTIFICATES: &str = "tlsCAFile=/dev/null";

/// The address cannot be understood. It is not shown: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum AddressError {
    #[error(
        "the address of EventStoreDB is malformed; write something like \
         esdb://user:password@host:2113?tls=true, with special characters of user and password \
         percent-encoded"
    )]
    Malformed,
    #[error("connectionName, in the address of EventStoreDB, may hold visible ASCII only")]
    ConnectionName,
    #[error("streamPrefix, in the address of EventStoreDB, must not begin with $")]
    StreamPrefix,
}

impl From<AddressError> for LogError {
    fn from(error: AddressError) -> Self {
        Self::Broken(Arc::new(error))
    }
}

/// Where the server is, and who we are there.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) settings: ClientSettings,
    /// Given with each call. Those in an address stay percent-encoded in the client's hands.
    pub(super) credentials: Option<Credentials>,
    pub(super) names: Names,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = url.split_once("://").ok_or(AddressError::Malformed)?;
        let scheme = if scheme.ends_with("+discover") { "esdb+discover" } else { "esdb" };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (user, hosts) = match place.rsplit_once('@') {
            Some((user, hosts)) => (Some(user), hosts),
            None => (None, place),
        };
        let query = Query::parse(query)?;
        let user = user.map(User::parse).transpose()?;
        let plain = user.as_ref().and_then(|user| user.plain.as_deref()).unwrap_or_default();
        let settings = settings(&format!("{scheme}://{plain}{hosts}"), &query.rest)?;
        let credentials = user.map(|user| Credentials::new(user.name, user.password));
        Ok(Self { settings, credentials, names: Names::new(query.prefix) })
    }
}

struct User {
    name: String,
    password: String,
    /// As the client must find it in an address, for the one call that takes no credentials of its
    /// own: gossip. Absent where the client would take the encoded text for the password.
    plain: Option<String>,
}

impl User {
    fn parse(text: &str) -> Result<Self, AddressError> {
        let decode = |text: &str| match percent_decode_str(text).decode_utf8() {
            Ok(decoded) => Ok(decoded.into_owned()),
            Err(_) => Err(AddressError::Malformed),
        };
        let (name, password) = text.split_once(':').unwrap_or((text, ""));
        let (name, password) = (decode(name)?, decode(password)?);
        let same = text == format!("{name}:{password}") && text.bytes().all(unreserved);
        Ok(Self { plain: same.then(|| format!("{text}@")), name, password })
    }
}

/// What stands for itself in the user part of an address, the colon between its two halves included.
fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte)
}

/// The parameters that are ours, and the rest.
#[derive(Default)]
struct Query {
    prefix: String,
    rest: Vec<String>,
}

impl Query {
    fn parse(text: &str) -> Result<Self, AddressError> {
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "streamprefix" if value.starts_with('$') => {
                    return Err(AddressError::StreamPrefix);
                }
                "streamprefix" => {
                    query.prefix = value.into_owned();
                    continue;
                }
                // Every call would panic of it.
                "connectionname" if !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => {
                    return Err(AddressError::ConnectionName);
                }
                _ => {}
            }
            let mut pair = form_urlencoded::Serializer::new(String::new());
            query.rest.push(pair.append_pair(&name, &value).finish());
        }
        Ok(query)
    }
}

fn settings(place: &str, parameters: &[String]) -> Result<ClientSettings, AddressError> {
    let parse = |parameters: &[&str]| {
        let address = format!("{place}?{}", parameters.join("&"));
        // The client's error shows the address.
        address.parse::<ClientSettings>().map_err(|_| AddressError::Malformed)
    };
    let given = parameters.join("&");
    // Parsed once as it was given, so that the client may warn of what it ignores.
    let as_given = parse(&[&given])?;
    let mut all = vec![OURS, &given, FORCED];
    if !as_given.is_secure_mode_enabled() {
        all.push(NO_CERTIFICATES);
    }
    tracing::subscriber::with_default(NoSubscriber::new(), || parse(&all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Address {
        Address::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    #[test]
    fn addresses_of_both_names_are_the_same() {
        for (ours, clients, discover) in [
            ("esdb://h:1?tls=false", ["h"].as_slice(), false),
            ("kurrentdb://h:1?tls=false", &["h"], false),
            ("esdb+discover://h", &["h"], true),
            ("kurrentdb+discover://h", &["h"], true),
            ("kurrentdb://a:1,b:2,c:3?tls=false", &["a", "b", "c"], false),
            ("esdb://a,b", &["a", "b"], false),
        ] {
            let settings = parse(ours).settings;
            let hosts: Vec<_> = settings.hosts().iter().map(|host| host.host.as_str()).collect();
            assert_eq!(
                (hosts.as_slice(), settings.is_dns_discovery_enabled()),
                (clients, discover)
            );
        }
    }

    #[test]
    fn user_and_password_are_decoded() {
        for (user, name, password) in [
            ("admin:changeit", "admin", "changeit"),
            ("admin:a%40b%3Ac%2Fd%25%2C", "admin", "a@b:c/d%,"),
            ("%C3%B6:p", "ö", "p"),
            ("admin", "admin", ""),
            ("admin:a@b", "admin", "a@b"),
        ] {
            for hosts in ["h:1", "a:1,b:2"] {
                let address = parse(&format!("esdb://{user}@{hosts}?tls=false"));
                let expected = Credentials::new(name.to_owned(), password.to_owned());
                assert_eq!(address.credentials.as_ref(), Some(&expected), "{user}");
                let clients = address.settings.default_authenticated_user();
                assert!(clients.as_ref().is_none_or(|clients| *clients == expected), "{user}");
            }
        }
        assert_eq!(parse("esdb://h").credentials, None);
        let plain = parse("esdb://admin:changeit@h").settings;
        assert!(plain.default_authenticated_user().is_some(), "gossip needs it");
    }

    #[test]
    fn without_tls_no_certificates_are_looked_for() {
        let file = |url: &str| parse(url).settings.tls_ca_file().cloned();
        assert_eq!(file("esdb://h?tls=false").as_deref(), Some("/dev/null"));
        assert_eq!(file("esdb://h"), None);
        assert_eq!(file("esdb://h?tlsCAFile=/a%20b.pem").as_deref(), Some("/a b.pem"));
    }

    #[test]
    fn the_client_connects_at_all_and_soon() {
        let settings = parse("esdb://h?maxDiscoverAttempts=1&discoveryInterval=60000").settings;
        assert!(settings.max_discover_attempts() > 1);
        assert!(settings.discovery_interval().as_millis() <= 10);
    }

    #[test]
    fn what_is_ours_is_not_the_clients() {
        let address = parse("esdb://h?streamPrefix=staging-&tls=false");
        assert_eq!(address.names.stored("a").as_deref(), Some("staging-a"));
        assert!(!address.settings.is_secure_mode_enabled());
    }

    #[test]
    fn a_malformed_address_is_refused_without_being_shown() {
        for (url, expected) in [
            ("esdb://", AddressError::Malformed),
            ("esdb://u:hunter2@", AddressError::Malformed),
            ("esdb://u:hunter2@h:port", AddressError::Malformed),
            ("esdb://u:hunter2@a:1,b:port", AddressError::Malformed),
            ("esdb://u:hunter2%FF@h", AddressError::Malformed),
            ("esdb://u:hunter2@h?tls=maybe", AddressError::Malformed),
            ("esdb://u:hunter2@h?connectionName=a%0Ab", AddressError::ConnectionName),
            ("esdb://u:hunter2@h?streamPrefix=$x", AddressError::StreamPrefix),
        ] {
            let Err(error) = Address::parse(url) else { panic!("{url} was understood") };
            assert_eq!(error, expected, "{url}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }
}
