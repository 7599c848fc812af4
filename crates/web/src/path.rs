//! Path parameters as newtypes.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::{Kind, Problem, Reason};

/// The one parameter of a path; 400 when it is malformed. A path that must answer otherwise takes a
/// `Path<String>` and parses by itself.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

/// The two parameters of a path, in the order in which it names them.
#[derive(Debug, Clone)]
pub struct Paths<A, B>(pub A, pub B);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Path<T>
where
    Reason: From<T::Err>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self(nth(&params(parts, state).await?, 0)?))
    }
}

impl<S: Send + Sync, A: FromStr, B: FromStr> FromRequestParts<S> for Paths<A, B>
where
    Reason: From<A::Err> + From<B::Err>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = params(parts, state).await?;
        Ok(Self(nth(&params, 0)?, nth(&params, 1)?))
    }
}

async fn params<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<RawPathParams, Problem> {
    let params = RawPathParams::from_request_parts(parts, state).await;
    // Rejected when percent-decoding does not give UTF-8: then it names nothing that could exist.
    params.map_err(|_| Problem::new(Kind::NotFound))
}

fn nth<T: FromStr>(params: &RawPathParams, nth: usize) -> Result<T, Problem>
where
    Reason: From<T::Err>,
{
    let (name, value) = params.iter().nth(nth).ok_or_else(|| Problem::new(Kind::Internal))?;
    value.parse().map_err(|error| Reason::from(error).at(name.to_owned()).into())
}
