//! The client's address, past proxies that are trusted to tell it.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
use ipnet::{AddrParseError, IpNet};

/// The networks whose word on a client's address is believed. None by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl FromIterator<IpNet> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

/// Reads `10.0.0.0/8, 192.0.2.7`: networks and addresses, separated by commas.
impl FromStr for TrustedProxies {
    type Err = AddrParseError;

    fn from_str(list: &str) -> Result<Self, AddrParseError> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let network = |entry: &str| {
            let address = entry.parse::<IpAddr>().map(IpNet::from);
            address.or_else(|_| entry.parse())
        };
        entries.map(network).collect()
    }
}

impl TrustedProxies {
    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The right-most address of `X-Forwarded-For` that no trusted proxy has, if the peer is one;
    /// the peer's own otherwise. What stands further left, anybody may have written.
    pub fn client(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer?.ip().to_canonical();
        if !self.trust(peer) {
            return Some(peer);
        }
        let mut nearest = peer;
        for value in headers.get_all("x-forwarded-for").iter().rev() {
            for entry in value.to_str().unwrap_or_default().rsplit(',') {
                // Past an entry that is no address, nothing can be known: the last proxy it is.
                let Some(address) = address(entry.trim()) else { return Some(nearest) };
                if !self.trust(address) {
                    return Some(address);
                }
                nearest = address;
            }
        }
        Some(nearest)
    }
}

fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse::<IpAddr>().or_else(|_| entry.parse().map(|at: SocketAddr| at.ip()));
    address.ok().map(|address| address.to_canonical())
}
