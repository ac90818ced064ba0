//! How what somebody does with a report travels, whichever operation carries it.

use actix_web::{HttpResponse, web};

use super::caller::{Caller, act};
use super::list_concerns::ConcernEntry;
use super::problem::Problem;
use crate::operations::concerns::{Deed, NewAct, act_on_concern};
use crate::refusal::Refusal;
use crate::store::concerns;
use crate::store::id::{ConcernActId, ConcernId};

pub const NOTE_CHARS_MAX: usize = 4_000;

/// The report, and the act's id as the caller made it.
pub type ActPath = web::Path<(ConcernId, ConcernActId)>;

/// Does it, and answers with the report as it is then.
pub async fn done<A: act::Allowed>(
    caller: &Caller<A>,
    path: &ActPath,
    deed: Deed,
    note: &str,
) -> Result<HttpResponse, Problem> {
    let (concern, id) = **path;
    let new = NewAct { id, deed, note: note.trim().to_owned() };
    let actor = caller.actor();
    let found = caller
        .write(move |tx| {
            act_on_concern(tx, &actor, concern, &new)?;
            let found = concerns::find_in_context(tx, actor.scope, concern)?;
            found.ok_or(Refusal::NotFound("report"))
        })
        .await?;
    Ok(HttpResponse::Created().json(ConcernEntry::from(found)))
}
