//! `stream_alerts`: tells a desk of alerts as they are raised, told, acknowledged and closed.

use std::collections::VecDeque;

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use compliance::Instant;
use compliance::access::Act;
use compliance::instant::SECOND_MS;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::time::{Interval, interval};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::caller::{Caller, act, signed_in};
use super::problem::{Kind, Problem};
use super::wire::{AlertKindWord, AlertStateWord, SeverityWord, Spelled};
use crate::operations::Actor;
use crate::operations::sign_in::Carrier;
use crate::operations::stream::{
    PAGE, StreamCursor, begin, changes, is_desk, note_reading, note_shown, open,
};
use crate::refusal::Refusal;
use crate::service::App;
use crate::store::alerts::Alert;
use crate::store::id::{AlertId, StreamId};
use crate::store::obligations::ChangeCursor;
use crate::store::{StoreError, Tx, streams};
use crate::stream::EVERY;

/// So many pages are given to whoever does not follow.
const PAGES_MAX: usize = 10;
/// A line that says nothing keeps the connection open, and the session is looked at again.
const PULSE_MS: i64 = 15 * SECOND_MS;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// `false` to get what there is and no more, at most 2,000 changes; what is left comes with the id of
    /// the last as `Last-Event-ID`. Nothing counts as shown by it.
    #[serde(default = "yes")]
    #[param(value_type = Option<bool>)]
    follow: bool,
}

fn yes() -> bool {
    true
}

/// The data of an event `alert`: enough to fetch it, nothing about anybody.
#[derive(Serialize, ToSchema)]
pub struct AlertChange {
    pub alert_id: AlertId,
    pub kind: AlertKindWord,
    pub severity: SeverityWord,
    pub state: AlertStateWord,
    /// The step of its ladder on which it stands, from 1.
    pub step: i64,
    /// Show it in red.
    pub nobody_reachable: bool,
}

/// Tells of alerts as they are raised, told, acknowledged and closed.
///
/// Server-sent events (`text/event-stream`), for `EventSource`: at first every open alert that the caller
/// may know of, then each that changes, as an event `alert` whose data is an `AlertChange`. The event's id
/// says where the stream is: sent back as `Last-Event-ID`, it goes on from there and passes nothing over. A
/// comment comes every 15 seconds; without one for a minute, show that the desk is not connected. The
/// stream ends with the session. An account has at most five at once. What a desk of the control room or
/// a supervisor shows is among the alert's deliveries.
#[utoipa::path(
    tag = "Alerts",
    params(StreamQuery, ("Last-Event-ID" = Option<String>, Header,
        description = "The id of the last event that was received")),
    responses((status = 200, description = "Events, without end", body = AlertChange,
        content_type = "text/event-stream")),
)]
#[get("/stream")]
pub async fn stream_alerts(
    request: HttpRequest,
    caller: Caller<act::ReceiveAlerts>,
    query: web::Query<StreamQuery>,
) -> Result<HttpResponse, Problem> {
    let at = match request.headers().get("last-event-id") {
        Some(id) => Some(id.to_str().ok().and_then(read_cursor).ok_or_else(of_elsewhere)?),
        None => None,
    };
    let begins = caller.read(move |tx| begin(tx, at)).await;
    let cursor = begins.map_err(|error: StoreError| Problem::from(error))?;
    let cursor = cursor.ok_or_else(of_elsewhere)?;
    let mut answer = HttpResponse::Ok();
    answer.content_type("text/event-stream").insert_header(("x-accel-buffering", "no"));
    let mut desk = Desk::new(&caller, cursor);
    if !query.follow {
        desk.fetch_and_end().await?;
        let told: Vec<u8> = desk.pending.into_iter().flatten().collect();
        return Ok(answer.body(told));
    }
    let (actor, id) = (caller.actor(), caller.app.identity.id(caller.now));
    let opened = caller.write(move |tx| open(tx, &actor, id)).await;
    opened.map_err(|refusal: Refusal| Problem::from(refusal))?;
    let desk = Followed::new(desk, id);
    let told = stream::unfold(desk, |mut desk| async {
        let next = desk.next().await?;
        Some((Ok::<_, actix_web::Error>(next), desk))
    });
    Ok(answer.streaming(Box::pin(told)))
}

fn of_elsewhere() -> Problem {
    let says = "Last-Event-ID is of another time or place: leave it out";
    Problem::because(Kind::InvalidParameter, says)
}

/// Somebody's view of the alerts as they change.
struct Desk {
    app: web::Data<App>,
    actor: Actor,
    session: ([u8; 32], Carrier),
    cursor: StreamCursor,
    pending: VecDeque<Bytes>,
}

impl Desk {
    fn new(caller: &Caller<act::ReceiveAlerts>, cursor: StreamCursor) -> Self {
        let session = (caller.token_digest, caller.carrier);
        let (app, actor) = (caller.app.clone(), caller.actor());
        Self { app, actor, session, cursor, pending: VecDeque::new() }
    }

    /// Takes what there is, with the reading in the ledger.
    async fn fetch_and_end(&mut self) -> Result<(), StoreError> {
        let actor = self.actor.clone();
        self.app.store.write(move |tx| note_reading(tx, &actor)).await?;
        for _ in 0..PAGES_MAX {
            if self.fetch().await?.len() < PAGE {
                break;
            }
        }
        Ok(())
    }

    /// Takes the next changes, and notes what a desk shows of them before it is shown. Says how many they
    /// were.
    async fn fetch_and_note(&mut self) -> Result<usize, StoreError> {
        let found = self.fetch().await?;
        let count = found.len();
        if count > 0 && is_desk(self.actor.scope.role) {
            let actor = Actor { now: self.app.clock.now(), ..self.actor.clone() };
            let note = move |tx: &mut Tx<'_>| note_shown(tx, &actor, &found);
            self.app.store.write(note).await?;
        }
        Ok(count)
    }

    async fn fetch(&mut self) -> Result<Vec<Alert>, StoreError> {
        let (scope, cursor) = (self.actor.scope, self.cursor);
        let found = self.app.store.read(move |tx| changes(tx, scope, cursor)).await?;
        for alert in &found {
            let after = ChangeCursor { change: alert.changed_in, id: alert.id.uuid() };
            self.cursor.after = after;
            self.pending.push_back(event(alert, self.cursor));
        }
        Ok(found)
    }

    /// Whether the session is still good for this.
    async fn may_go_on(&self, now: Instant) -> Result<bool, StoreError> {
        let found = signed_in(&self.app, self.session, now).await?;
        Ok(found.is_some_and(|(_, account)| {
            account.role == self.actor.scope.role && account.role.may(Act::ReceiveAlerts)
        }))
    }
}

/// A desk that stays.
struct Followed {
    desk: Desk,
    id: StreamId,
    ticks: Interval,
    /// The last change that was looked at.
    fetched: Option<i64>,
    looked_at: Instant,
}

impl Followed {
    fn new(desk: Desk, id: StreamId) -> Self {
        desk.app.streams.opened();
        let looked_at = desk.actor.now;
        Self { desk, id, ticks: interval(EVERY), fetched: None, looked_at }
    }

    /// What is told next; nothing when it is over.
    async fn next(&mut self) -> Option<Bytes> {
        let mut ending = self.desk.app.streams.ending();
        loop {
            if let Some(next) = self.desk.pending.pop_front() {
                return Some(next);
            }
            tokio::select! {
                _ = self.ticks.tick() => {}
                _ = ending.wait_for(|is_over| *is_over) => return None,
            }
            match self.look().await {
                Ok(Some(pulse)) => return Some(pulse),
                Ok(None) => {}
                Err(None) => return None,
                Err(Some(error)) => {
                    // Whoever is connected comes back with the id of the last event.
                    tracing::error!(%error, source = ?error, "a stream has ended");
                    return None;
                }
            }
        }
    }

    /// `Err(None)`: the session is over.
    async fn look(&mut self) -> Result<Option<Bytes>, Option<StoreError>> {
        let latest = self.desk.app.streams.latest();
        if self.fetched != Some(latest) {
            let count = self.desk.fetch_and_note().await.map_err(Some)?;
            self.fetched = (count < PAGE).then_some(latest);
        }
        let now = self.desk.app.clock.now();
        if (now - self.looked_at).abs() < PULSE_MS {
            return Ok(None);
        }
        self.looked_at = now;
        if !self.desk.may_go_on(now).await.map_err(Some)? {
            return Err(None);
        }
        self.keep_fresh(now).await.map_err(Some)?;
        Ok(Some(Bytes::from_static(b": still here\n\n")))
    }

    async fn keep_fresh(&self, now: Instant) -> Result<(), StoreError> {
        let (id, account) = (self.id, self.desk.actor.scope.account);
        let keep = move |tx: &mut Tx<'_>| match streams::seen(tx, id, now)? {
            true => Ok(()),
            false => streams::open(tx, id, account, now),
        };
        self.desk.app.store.write(keep).await
    }
}

impl Drop for Followed {
    /// Nobody sits there any more. When this fails, the row grows old.
    fn drop(&mut self) {
        let (app, id) = (self.desk.app.clone(), self.id);
        app.streams.closed();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let closed = app.store.write(move |tx| streams::close(tx, id)).await;
                let _grows_old = closed.map_err(|error: StoreError| error);
            });
        }
    }
}

fn event(alert: &Alert, cursor: StreamCursor) -> Bytes {
    let change = AlertChange {
        alert_id: alert.id,
        kind: Spelled(alert.kind),
        severity: Spelled(alert.severity),
        state: Spelled(alert.state),
        step: alert.step + 1,
        nobody_reachable: alert.nobody_reachable,
    };
    let StreamCursor { begun_at, after } = cursor;
    let id = format!("{begun_at}-{}-{}", after.change, after.id.simple());
    let data = serde_json::json!(change);
    Bytes::from(format!("id: {id}\nevent: alert\ndata: {data}\n\n"))
}

fn read_cursor(text: &str) -> Option<StreamCursor> {
    let mut parts = text.split('-');
    let begun_at = parts.next()?.parse().ok()?;
    let change = parts.next()?.parse().ok()?;
    let id = Uuid::try_parse(parts.next()?).ok()?;
    let cursor = StreamCursor { begun_at, after: ChangeCursor { change, id } };
    parts.next().is_none().then_some(cursor)
}
