//! The use cases of bans: what they need, who may, which command.

use events::ban::{
    ActionType, Ban, BanCommand, BanDuration, BanRefusal, BanState, Bans, CreateBan, Lifted,
    OverActive, RevokeBan, Revoker,
};
use events::report::Reports;
use events::{
    Action, Actor, BanId, ChannelId, LiveChatId, LiveStreamId, LiveStreamSnapshot, Reason,
    ReportId, Situation, Timestamp, UserId, UserSnapshot, permit,
};
use serde::Serialize;
use ulid::Ulid;

use crate::App;
use crate::aggregate::last_of_report;
use crate::answer::Answer;
use crate::directory::Wanted;
use crate::handle::{HandleError, Handled, handle};
use crate::origin::{Origin, Sender};
use crate::reads::ReadError;

/// What a new ban shall be.
#[derive(Debug)]
pub(crate) struct NewBan {
    /// Where.
    pub(crate) live_stream_id: LiveStreamId,
    /// Whom.
    pub(crate) target_user_id: UserId,
    /// From what, for how long, and why.
    pub(crate) terms: Terms,
}

/// A new ban, but for where and whom.
#[derive(Debug)]
pub(crate) struct Terms {
    /// From what.
    pub(crate) action_type: ActionType,
    /// Why.
    pub(crate) reason: Option<Reason>,
    /// For how long; for ever when `None`.
    pub(crate) duration: Option<BanDuration>,
    /// The report that caused it.
    pub(crate) report_id: Option<ReportId>,
    /// What to do when he is banned already.
    pub(crate) over_active: OverActive,
}

/// What a new ban shall be in the YouTube dialect: from the chat, without a word why.
#[derive(Debug)]
pub(crate) struct NewChatBan {
    /// Where.
    pub(crate) live_chat_id: LiveChatId,
    /// Whom.
    pub(crate) channel_id: ChannelId,
    /// For how long; for ever when `None`.
    pub(crate) duration: Option<BanDuration>,
}

/// A ban as a command left it.
#[derive(Debug)]
pub(crate) struct BanView {
    /// The ban.
    pub(crate) ban: Ban,
    /// How it ended, if it has.
    pub(crate) lifted: Option<Lifted>,
    /// The moment that this is of.
    pub(crate) at: Timestamp,
    /// Who is banned, if the directory knows him.
    pub(crate) target: Option<UserSnapshot>,
}

/// Why a command on bans came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BanError {
    /// The directory knows no such live stream.
    #[error("unknown live stream")]
    UnknownLiveStream,
    /// The directory knows no such user.
    #[error("unknown user")]
    UnknownTarget,
    /// The platform has removed the user.
    #[error("deleted user")]
    DeletedTarget,
    /// The live stream has no such report, or the caller may not know.
    #[error("unknown report")]
    UnknownReport,
    /// The rules do not allow it.
    #[error(transparent)]
    Refused(#[from] BanRefusal),
    /// It could not be done.
    #[error(transparent)]
    Failed(#[from] HandleError),
    /// What it needs could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Bans a user from a live stream.
pub(crate) async fn create_ban(
    app: &App,
    sender: &Sender,
    new: &NewBan,
) -> Result<Answer<BanView>, BanError> {
    let NewBan { live_stream_id, target_user_id, terms } = new;
    let stream = BanId::first(live_stream_id, target_user_id).stream();
    let wanted = Wanted::default().live_stream(live_stream_id).user(target_user_id);
    let ((history, found), reported) = tokio::try_join!(
        app.reads.load_and_look_up::<Bans>(stream, wanted),
        reported(app, sender.actor(), terms.report_id),
    )?;
    let command = |now| -> Result<BanCommand, BanError> {
        let live_stream = found.live_stream(live_stream_id).ok_or(BanError::UnknownLiveStream)?;
        // Only who may ban here hears whether there are such a user and such a report.
        may_ban(sender.actor(), live_stream)?;
        // To all but staff there are no reports, whatever else stands in the way: the ids of reports
        // can be computed, and would tell who has reported.
        if terms.report_id.is_some() && !sender.actor().roles.are_staff() {
            return Err(BanError::UnknownReport);
        }
        let target = found.user(target_user_id).ok_or(BanError::UnknownTarget)?;
        if target.deleted {
            return Err(BanError::DeletedTarget);
        }
        let is_of_it = |report: &Reported| report.live_stream_id == *live_stream_id;
        if terms.report_id.is_some() && !reported.as_ref().is_some_and(is_of_it) {
            return Err(BanError::UnknownReport);
        }
        Ok(terms.command(now, sender.actor(), live_stream, target))
    };
    let asked = ("createBan", live_stream_id, target_user_id, terms.asked());
    let origin =
        Origin::Sender { sender, cause: reported.as_ref().map(|report| report.last_event) };
    let handled = handle(app, origin, &asked, history, command).await?;
    view(handled, found.user(target_user_id))
}

/// Bans a user from the chat of a live stream, both by their names in the YouTube dialect.
pub(crate) async fn create_chat_ban(
    app: &App,
    sender: &Sender,
    new: &NewChatBan,
) -> Result<Answer<BanView>, BanError> {
    let NewChatBan { live_chat_id, channel_id, duration } = new;
    let wanted = Wanted::default().live_chat(live_chat_id).channel(channel_id);
    let found = app.reads.look_up(wanted).await?;
    let live_stream = found.live_chat(live_chat_id).ok_or(BanError::UnknownLiveStream)?;
    let Some(target) = found.channel(channel_id) else {
        may_ban(sender.actor(), live_stream)?;
        return Err(BanError::UnknownTarget);
    };
    let terms = Terms {
        action_type: ActionType::ChatOnly,
        reason: None,
        duration: *duration,
        report_id: None,
        over_active: OverActive::SupersedeTemporary,
    };
    let stream = BanId::first(&live_stream.id, &target.id).stream();
    let history = app.reads.load::<Bans>(stream).await?;
    let command = |now| -> Result<BanCommand, BanError> {
        // Only who may ban here hears whether there is such a user.
        may_ban(sender.actor(), live_stream)?;
        if target.deleted {
            return Err(BanError::DeletedTarget);
        }
        Ok(terms.command(now, sender.actor(), live_stream, target))
    };
    let asked = ("createBan", &live_stream.id, &target.id, terms.asked());
    let handled = handle(app, Origin::from(sender), &asked, history, command).await?;
    view(handled, Some(target))
}

/// Ends a ban.
pub(crate) async fn revoke_ban(
    app: &App,
    sender: &Sender,
    ban_id: BanId,
) -> Result<Answer<BanView>, BanError> {
    let history = app.reads.load::<Bans>(ban_id.stream()).await?;
    let caller = sender.actor();
    let latest = history.state().latest().cloned();
    // Of an empty event stream, only who runs some live stream may hear that it is empty.
    let wanted = match &latest {
        Some(ban) => Wanted::default().live_stream(&ban.live_stream_id).user(&ban.target_user_id),
        None => Wanted::default().run_by(&caller.id),
    };
    let found = app.reads.look_up(wanted).await?;
    let live_stream = match &latest {
        Some(ban) => found.live_stream(&ban.live_stream_id),
        None => found.run_by(&caller.id),
    };
    let command = |now| {
        let revoker = Revoker::Caller { caller: caller.clone(), live_stream: live_stream.cloned() };
        Ok::<_, BanError>(BanCommand::Revoke(RevokeBan { now, ban_id, revoker }))
    };
    let asked = ("revokeBan", ban_id);
    let handled = handle(app, Origin::from(sender), &asked, history, command).await?;
    view(handled, latest.and_then(|ban| found.user(&ban.target_user_id)))
}

/// Ends a ban whose time has run out. Harmless when somebody has ended it already, or when its time
/// has not run out by our clock.
pub(crate) async fn expire_ban(
    app: &App,
    ban_id: BanId,
    origin: Origin<'_>,
) -> Result<(), BanError> {
    let history = app.reads.load::<Bans>(ban_id.stream()).await?;
    let command = |now| {
        let revoker = Revoker::Expiry;
        Ok::<_, BanError>(BanCommand::Revoke(RevokeBan { now, ban_id, revoker }))
    };
    handle(app, origin, &ban_id, history, command).await.map(drop)
}

impl Terms {
    fn command(
        &self,
        now: Timestamp,
        caller: &Actor,
        live_stream: &LiveStreamSnapshot,
        target: &UserSnapshot,
    ) -> BanCommand {
        BanCommand::Create(CreateBan {
            now,
            caller: caller.clone(),
            live_stream: live_stream.clone(),
            target: target.clone(),
            action_type: self.action_type,
            reason: self.reason.clone(),
            duration: self.duration,
            report_id: self.report_id,
            over_active: self.over_active,
        })
    }

    /// What of it makes a request the one it is.
    fn asked(&self) -> impl Serialize {
        (self.action_type, &self.reason, self.duration.map(BanDuration::seconds), self.report_id)
    }
}

/// A report that led to a ban.
struct Reported {
    live_stream_id: LiveStreamId,
    /// What last happened to it.
    last_event: Ulid,
}

/// The report of this id, if there is one and `caller` may know it.
async fn reported(
    app: &App,
    caller: &Actor,
    report_id: Option<ReportId>,
) -> Result<Option<Reported>, ReadError> {
    let Some(id) = report_id.filter(|_| caller.roles.are_staff()) else { return Ok(None) };
    let history = app.reads.load::<Reports>(id.stream()).await?;
    let live_stream_id = history.state().report(id).map(|report| report.live_stream_id.clone());
    let reported = live_stream_id.zip(last_of_report(id, history.events()));
    Ok(reported.map(|(live_stream_id, last_event)| Reported { live_stream_id, last_event }))
}

fn may_ban(caller: &Actor, live_stream: &LiveStreamSnapshot) -> Result<(), BanRefusal> {
    let situation = Situation { caller: live_stream.relation(&caller.id), ..Situation::NONE };
    permit(Action::CreateBan, &caller.roles, situation).map_err(BanRefusal::Denied)
}

fn view(
    handled: Handled<BanState>,
    target: Option<&UserSnapshot>,
) -> Result<Answer<BanView>, BanError> {
    let Handled { state, at, position, replayed } = handled;
    let (ban, lifted) = match state {
        BanState::Never => return Err(BanRefusal::Unknown.into()),
        BanState::Active { ban } => (ban, None),
        BanState::Lifted { ban, lifted } => (ban, Some(lifted)),
    };
    let data = BanView { ban, lifted, at, target: target.cloned() };
    Ok(Answer { data, position, replayed })
}
