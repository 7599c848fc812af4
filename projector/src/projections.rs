//! Every projection there is.

mod bans;
mod columns;
mod history;
mod reports;
mod statistics;

use std::sync::Arc;

use crate::error::ProjectorError;
use crate::projection::Projection;

pub use bans::Bans;
pub use history::History;
pub use reports::Reports;
pub use statistics::Statistics;

/// Every projection. The one list: what is not here does not run.
pub fn all() -> Vec<Arc<dyn Projection>> {
    vec![Arc::new(Bans), Arc::new(Reports), Arc::new(Statistics), Arc::new(History)]
}

/// The names of all projections.
pub fn names() -> Vec<&'static str> {
    all().iter().map(|projection| projection.name()).collect()
}

/// The projections of these names; all of them when `names` is empty or says `all`.
pub fn named(names: &[String]) -> Result<Vec<Arc<dyn Projection>>, ProjectorError> {
    if names.is_empty() || names.iter().any(|name| name == "all") {
        return Ok(all());
    }
    let find = |name: &String| {
        let found = all().into_iter().find(|projection| projection.name() == name);
        found.ok_or_else(|| ProjectorError::Unknown(name.clone()))
    };
    names.iter().map(find).collect()
}
