//! Resources as answers.

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{JSON, Parameters, Parts};
use crate::Problem;

impl Parameters {
    /// `resource` (an object with `kind` and its parts) with its etag, as much of it as is asked for.
    pub fn answer(&self, parts: &Parts, resource: &impl Serialize) -> Result<Response, Problem> {
        let canonical = serde_json::to_vec(resource).map_err(Problem::internal)?;
        let etag = etag(&canonical);
        let header = HeaderValue::from_str(&format!("\"{etag}\"")).map_err(Problem::internal)?;
        let body = self.partial(parts, &canonical, etag).map_err(Problem::internal)?;
        Ok(([(CONTENT_TYPE, JSON), (ETAG, header)], body).into_response())
    }

    fn partial(
        &self,
        parts: &Parts,
        canonical: &[u8],
        etag: String,
    ) -> Result<Vec<u8>, serde_json::Error> {
        let mut resource: Value = serde_json::from_slice(canonical)?;
        if let Value::Object(fields) = &mut resource {
            fields.retain(|name, _| name == "kind" || parts.hold(name));
            fields.insert("etag".to_owned(), etag.into());
        }
        if let Some(selection) = &self.selection {
            selection.apply(&mut resource);
        }
        if self.pretty {
            serde_json::to_vec_pretty(&resource)
        } else {
            serde_json::to_vec(&resource)
        }
    }
}

/// The etag of a resource's canonical form, its compact JSON without etag: base64url without padding
/// of the first 20 bytes of its SHA-256.
pub fn etag(canonical: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(canonical)[..20])
}
