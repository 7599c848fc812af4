//! What whoever starts docket by hand wants to know.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::DocketError;
use crate::data_dir::DataDir;
use crate::demo::{self, Demo, TOKEN_HOURS};
use crate::log_key::LogKey;
use crate::private_postgres::PrivatePostgres;
use crate::tokens::Issuer;

/// What there is to tell.
pub(crate) struct Welcome<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) metrics_url: &'a str,
    pub(crate) data_dir: &'a DataDir,
    pub(crate) postgres: Option<&'a PrivatePostgres>,
    pub(crate) issuer: Option<&'a Issuer>,
    pub(crate) log_key: &'a LogKey,
    pub(crate) demo: Option<&'a Demo>,
}

impl Welcome<'_> {
    pub(crate) fn text(&self) -> String {
        let Self { base_url, metrics_url, .. } = self;
        let mut text = format!(
            "\nDocket is ready.\n\n  API      {base_url}\n  Docs     {base_url}/docs\n  \
             Pages    {base_url}/dashboard\n  Metrics  {metrics_url}\n"
        );
        text.extend(self.postgres.map(|postgres| self.data(postgres)));
        text.extend(self.issuer.map(|issuer| self.keys(issuer)));
        text.extend(["  Log key  ", &self.log_key.public, " (public: it verifies checkpoints)\n"]);
        text.extend(self.demo.map(|demo| self.demo(demo)));
        text.push_str("\nCtrl-C stops it; the next start finds all data.");
        text
    }

    fn data(&self, postgres: &PrivatePostgres) -> String {
        let (folder, data_dir) = (postgres.folder(), self.data_dir.path());
        let elsewhere = if folder.starts_with(data_dir) {
            String::new()
        } else {
            format!(" (PostgreSQL's user cannot reach {})", data_dir.display())
        };
        format!("  Data     {}{elsewhere}\n", folder.display())
    }

    fn keys(&self, issuer: &Issuer) -> String {
        let data_dir = self.data_dir.path().display();
        let (made, hint) = if issuer.is_fresh() {
            ("a fresh key pair was made in", " since no JWT_* is set")
        } else {
            ("the key pair is in", "")
        };
        format!("  Tokens   {made} {data_dir}{hint}; more: docket token --sub USER --roles ROLES\n")
    }

    fn demo(&self, demo: &Demo) -> String {
        let file = self.data_dir.file(demo::FILE);
        let (file, tokens) = (file.display(), &demo.tokens);
        let (creator, viewer) = (&tokens.creator, &tokens.viewer);
        let (moderator, allmine) = (&tokens.platform_moderator, demo.allmine_curl());
        let youtube = demo.youtube_curl();
        let links = demo.dashboard.iter().map(|(part, link)| format!("  {part:<18}{link}\n"));
        let links = links.collect::<Vec<_>>().concat();
        format!(
            "\nThe dashboard, as a person of the demonstration:\n\n{links}\n\
             Tokens for the demonstration, good for {TOKEN_HOURS} hours (more in {file}):\n\n\
             creator\n  {creator}\n\nviewer\n  {viewer}\n\nplatform moderator\n  {moderator}\n\n\
             Ban a viewer, in the Allmine dialect:\n\n{allmine}\n\n\
             Ban another, in the YouTube dialect:\n\n{youtube}\n"
        )
    }
}

/// Where a browser on this machine finds what listens on `address`.
pub(crate) fn url(address: SocketAddr) -> String {
    let mut address = address;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    format!("http://{address}")
}

/// Writes `text` and a line break for whoever, or whatever, started us.
pub(crate) fn print(text: &str) -> Result<(), DocketError> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(DocketError::Output)
}
