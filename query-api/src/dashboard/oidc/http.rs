//! Requests to the provider: nowhere else, not for long, and no answer without end.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};

/// A provider that takes longer is down.
const TIME_OUT: Duration = Duration::from_secs(5);
/// In bytes; far more than keys, tokens or a description take.
const LARGEST_ANSWER: usize = 256 * 1024;

/// Why the provider has not answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// It cannot be reached, or broke off.
    #[error("the provider cannot be reached")]
    Exchange(#[from] reqwest::Error),
    /// No end of its answer was in sight.
    #[error("the provider answers more than {LARGEST_ANSWER} bytes")]
    TooLong,
    /// An answer that cannot be put together.
    #[error("the provider's answer is malformed")]
    Malformed(#[from] http::Error),
}

/// Sends what the library wants to have sent.
#[derive(Debug)]
pub(super) struct Http(reqwest::Client);

impl Http {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        // A redirect could lead anywhere, also into our own network.
        let client = reqwest::Client::builder()
            .timeout(TIME_OUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self(client))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut response = self.0.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        Ok(answer.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
