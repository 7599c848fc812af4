//! What a client sends: that it enters a live stream's room, or leaves it.

use std::sync::Arc;

use axum::http::StatusCode;
use events::LiveStreamId;
use serde::Serialize;
use serde_json::Value;
use socketioxide::ParserError;
use socketioxide::extract::{AckSender, SocketRef, TryData};
use web::allmine::{Failure, Success};
use web::{Fields, Input, Kind, Language, Problem, Reason};

use super::deliver::{cut_off, is_cut_off};
use super::session::{Session, lock};
use super::{Push, metric};
use crate::error::{QueryError, Thing};
use crate::read::directory;

/// Rooms that a socket may be in. Few users watch more than one live stream at once.
const MAX_ROOMS: usize = 20;

/// The room of this live stream.
pub(super) fn room(live_stream: &LiveStreamId) -> String {
    format!("stream:{live_stream}")
}

/// What a good answer says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    stream_id: LiveStreamId,
}

/// Who sends, and in which language it is answered.
#[derive(Clone)]
struct Listener {
    push: Arc<Push>,
    session: Arc<Session>,
    language: Language,
}

type Sent = Result<Value, ParserError>;

impl Push {
    /// Listens to a client from now on.
    pub(super) fn listen(
        self: &Arc<Self>,
        socket: &SocketRef,
        session: &Arc<Session>,
        language: Language,
    ) {
        let (push, session) = (Arc::clone(self), Arc::clone(session));
        let listener = Listener { push, session, language };
        let join = listener.clone();
        socket.on(
            "joinStream",
            async move |socket: SocketRef, TryData(sent): TryData<Value>, ack: AckSender| {
                join.join(socket, sent, ack).await;
            },
        );
        let leave = listener.clone();
        socket.on(
            "leaveStream",
            async move |socket: SocketRef, TryData(sent): TryData<Value>, ack: AckSender| {
                leave.leave(socket, sent, ack);
            },
        );
        // Nobody listens to any other event, but it counts.
        socket.on_fallback(async move |socket: SocketRef| {
            listener.may_go_on(&socket);
        });
    }
}

impl Listener {
    async fn join(&self, socket: SocketRef, sent: Sent, ack: AckSender) {
        if self.may_go_on(&socket) {
            let joined = self.enter(&socket, sent).await;
            self.answer(socket, ack, joined);
        }
    }

    fn leave(&self, socket: SocketRef, sent: Sent, ack: AckSender) {
        if self.may_go_on(&socket) {
            let left = live_stream(sent).inspect(|id| socket.leave(room(id)));
            self.answer(socket, ack, left);
        }
    }

    /// Whether the client has kept to the rate; it is cut off otherwise.
    fn may_go_on(&self, socket: &SocketRef) -> bool {
        let may = self.session.may_send();
        if !may {
            cut_off(socket.clone(), "rate");
        }
        may && !is_cut_off(socket)
    }

    /// Anybody may enter the room of a live stream that the directory knows, the banned as well: they
    /// are told that they are, and when they no longer are.
    async fn enter(&self, socket: &SocketRef, sent: Sent) -> Result<LiveStreamId, Problem> {
        let id = live_stream(sent)?;
        let found = directory::live_stream(self.push.app.pool(), &id).await;
        found.map_err(QueryError::from)?.ok_or(QueryError::NotFound(Thing::LiveStream))?;
        let room = room(&id);
        let _one_by_one = lock(&self.session.joining);
        let rooms = socket.rooms();
        if rooms.len() >= MAX_ROOMS && !rooms.iter().any(|entered| *entered == room) {
            let reason = Reason::new("push-too-many-streams").arg("max", MAX_ROOMS);
            return Err(Problem::new(Kind::Conflict).because(reason));
        }
        socket.join(room);
        metric::joined();
        Ok(id)
    }

    /// Answers in the envelope of the Allmine dialect, if an answer is asked for.
    fn answer(&self, socket: SocketRef, ack: AckSender, outcome: Result<LiveStreamId, Problem>) {
        let now = self.push.now();
        let sent = match outcome {
            Ok(stream_id) => ack.send(&Success::new(StatusCode::OK, Place { stream_id }, now)),
            Err(problem) => {
                problem.log();
                ack.send(&Failure::new(&problem, self.language, now))
            }
        };
        if sent.is_err() && socket.connected() {
            cut_off(socket, "slow");
        }
    }
}

/// The one field of what a client sends.
fn live_stream(sent: Sent) -> Result<LiveStreamId, Problem> {
    // What cannot be read is told as what is no object.
    let sent = sent.unwrap_or_default().to_string();
    let mut fields = Fields::from_json(sent.as_bytes())?;
    let id = fields.required("streamId", Input::parse);
    fields.complete(id)
}
