//! A running Docket, over HTTP. Everything it says is suspect.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Response, StatusCode, Url};
use tlog_tiles::{HASH_SIZE, Tile};

use crate::source::{RawPart, ServedTile};
use crate::tree::{HEIGHT, WIDTH, hashes};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How often something is asked for, while the server asks for patience or cannot be reached.
const TRIES: u32 = 8;
/// How long is waited at most before it is asked for again.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// The longest answer: twice what a tile of the longest entries takes.
const LONGEST: usize = 2 * 256 * (1 << 16);

/// Where a Docket is, and who asks.
#[derive(Debug)]
pub struct Server {
    client: Client,
    log: Url,
    token: String,
}

/// Why a server does not say what is asked.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The address is none.
    #[error("{0} is no address of a Docket")]
    Address(String),
    /// It cannot be reached.
    #[error("{url} cannot be reached")]
    Unreachable {
        /// What was asked for.
        url: Url,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// It says something else.
    #[error("{url} is answered with {status}{}", hint(*.status))]
    Status {
        /// What was asked for.
        url: Url,
        /// The status.
        status: StatusCode,
    },
    /// The answer has no end.
    #[error("{0} is answered with more than an auditor takes")]
    TooLong(Url),
}

fn hint(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => ": the token is missing, wrong or too old",
        StatusCode::FORBIDDEN => ": the token's bearer needs the role auditor or admin",
        _ => "",
    }
}

impl Server {
    /// The Docket at `base`, asked in the name of `token`'s bearer.
    pub fn new(base: &str, token: String) -> Result<Self, Refused> {
        let address = || Refused::Address(base.to_owned());
        let log = Url::parse(&format!("{}/api/v1/audit/log/", base.trim_end_matches('/')));
        let log = log.map_err(|_| address())?;
        let client = Client::builder().timeout(TIMEOUT).build().map_err(|_| address())?;
        Ok(Self { client, log, token })
    }

    /// The newest checkpoint; `None` while nothing was signed.
    pub async fn checkpoint(&self) -> Result<Option<Vec<u8>>, Refused> {
        self.get("checkpoint").await
    }

    /// The entries of the `n`th tile of a tree of `size` leaves, and the hashes that the tree has there.
    pub async fn run(&self, n: u64, size: u64) -> Result<RawPart, Refused> {
        let (entries, tile) = tokio::try_join!(self.entries(n, size), self.tile(0, n, size))?;
        Ok(RawPart::Run(entries, Some(tile)))
    }

    /// A tile of hashes.
    pub async fn tile(&self, level: u8, n: u64, size: u64) -> Result<ServedTile, Refused> {
        let width = width(level, n, size);
        let name = name(level, n, width, false);
        let bytes = self.get(&name).await?;
        let whole = bytes.filter(|bytes| bytes.len() == width as usize * HASH_SIZE);
        Ok(ServedTile { name, hashes: whole.map(|bytes| hashes(&bytes).collect()) })
    }

    async fn entries(&self, n: u64, size: u64) -> Result<Vec<Box<[u8]>>, Refused> {
        let bytes = self.get(&name(0, n, width(0, n, size), true)).await?;
        let (mut rest, mut entries) = (&bytes.unwrap_or_default()[..], vec![]);
        // What has another form is served as it is: an entry that nobody can read.
        while let Some((length, after)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_be_bytes(*length));
            let (entry, after) = after.split_at_checked(length).unwrap_or((after, &[]));
            entries.push(entry.into());
            rest = after;
        }
        Ok(entries)
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Refused> {
        let url = self.log.join(name).map_err(|_| Refused::Address(name.to_owned()))?;
        let mut wait = Duration::from_millis(200);
        for tries_left in (0..TRIES).rev() {
            let answer = self.client.get(url.clone()).bearer_auth(&self.token).send().await;
            let refused = match answer {
                Ok(answer) if answer.status() == StatusCode::NOT_FOUND => return Ok(None),
                Ok(answer) if answer.status().is_success() => match read(answer, &url).await {
                    Err(error @ Refused::Unreachable { .. }) => error,
                    read => return read.map(Some),
                },
                Ok(answer) => {
                    let status = answer.status();
                    let refused = Refused::Status { url: url.clone(), status };
                    let is_busy = status == StatusCode::TOO_MANY_REQUESTS
                        || status == StatusCode::SERVICE_UNAVAILABLE;
                    if !is_busy {
                        return Err(refused);
                    }
                    wait = retry_after(&answer).unwrap_or(wait);
                    refused
                }
                Err(source) => Refused::Unreachable { url: url.clone(), source },
            };
            if tries_left == 0 {
                return Err(refused);
            }
            tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
            wait *= 2;
        }
        Ok(None)
    }
}

fn retry_after(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn read(mut answer: Response, url: &Url) -> Result<Vec<u8>, Refused> {
    let unreachable = |source| Refused::Unreachable { url: url.clone(), source };
    let mut bytes = vec![];
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST {
            return Err(Refused::TooLong(url.clone()));
        }
    }
    Ok(bytes)
}

/// Hashes in a tile of a tree of `size` leaves.
fn width(level: u8, n: u64, size: u64) -> u32 {
    let hashes = size >> (u32::from(HEIGHT) * u32::from(level));
    u32::try_from(hashes.saturating_sub(n * WIDTH).clamp(1, WIDTH)).unwrap_or(1)
}

/// The tile's address below the log's. The library writes the height too, which C2SP has fixed since.
fn name(level: u8, n: u64, width: u32, is_data: bool) -> String {
    let path = Tile::new(HEIGHT, level, n, width, is_data).path();
    let rest = path.strip_prefix("tile/8/").unwrap_or(&path);
    match rest.strip_prefix("data/") {
        Some(rest) => format!("tile/entries/{rest}"),
        None => format!("tile/{rest}"),
    }
}
