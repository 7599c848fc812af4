//! Who may look up which users, and looking them up.

use events::{Action, Actor, Relation, Situation, UserId, UserSnapshot, permit};

use crate::App;
use crate::error::{QueryError, Thing};
use crate::read::directory;

/// The user `id`. Who may not look up everybody learns nothing of who exists.
pub async fn by_id(app: &App, caller: &Actor, id: &UserId) -> Result<UserSnapshot, QueryError> {
    if *id != caller.id && !looks_up_everybody(app, caller).await? {
        return Err(QueryError::Denied(Action::ReadDirectory));
    }
    let mut known = directory::users(app.pool(), &[id]).await?;
    known.remove(id).ok_or(QueryError::NotFound(Thing::User))
}

/// The users of this id or username, of those whom `caller` may look up.
pub async fn called(
    app: &App,
    caller: &Actor,
    name: &str,
) -> Result<Vec<UserSnapshot>, QueryError> {
    let everybody = looks_up_everybody(app, caller).await?;
    let ids = directory::users_called(app.pool(), name).await?;
    let ids: Vec<&UserId> = ids.iter().filter(|id| everybody || **id == caller.id).collect();
    let mut users: Vec<_> = directory::users(app.pool(), &ids).await?.into_values().collect();
    users.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(users)
}

/// Whether `caller` may look up whomever they can name: who runs a live stream bans there whom they like.
async fn looks_up_everybody(app: &App, caller: &Actor) -> Result<bool, QueryError> {
    let may = |relation| {
        let situation = Situation { caller: relation, ..Situation::NONE };
        permit(Action::ReadDirectory, &caller.roles, situation).is_ok()
    };
    if may(Relation::Outsider) {
        return Ok(true);
    }
    let runs_any = directory::runs_any(app.pool(), &caller.id).await?;
    Ok(runs_any && may(Relation::Moderator))
}
