//! `list_colleagues`: to whom an alert can be handed, or a task given.

use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Caller, act};
use super::problem::{Kind, Problem};
use super::wire::{PresenceWord, RoleWord, Spelled};
use crate::operations::colleagues::{Colleague, Sought, list_colleagues as list};
use crate::store::id::{AccountId, AlertId, StationId, TaskId};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ColleagueQuery {
    /// Only those to whom this alert can be handed.
    alert_id: Option<AlertId>,
    /// Only those to whom this task can be given.
    task_id: Option<TaskId>,
}

/// Colleagues, by name.
#[derive(Serialize, ToSchema)]
pub struct ColleagueList {
    pub colleagues: Vec<ColleagueEntry>,
}

/// Somebody who may be handed an alert or given a task.
#[derive(Serialize, ToSchema)]
#[schema(as = Colleague)]
pub struct ColleagueEntry {
    pub account_id: AccountId,
    #[schema(example = "PC Lena Frost")]
    pub display_name: String,
    pub role: RoleWord,
    pub stations: Vec<StationId>,
    /// What the rota says of them now.
    pub presence: PresenceWord,
    /// Whether they have a phone that answers, or another channel. Others have to be told by a
    /// person.
    pub can_be_told: bool,
}

impl From<Colleague> for ColleagueEntry {
    fn from(found: Colleague) -> Self {
        let Colleague { account, stations, presence, can_be_told } = found;
        Self {
            account_id: account.id,
            display_name: account.display_name,
            role: Spelled(account.role),
            stations,
            presence: Spelled(presence),
            can_be_told,
        }
    }
}

/// Lists to whom the caller can hand an alert, or give a task.
///
/// The people of the caller's stations, whoever is on duty above them, and the control room; to the
/// control room, everybody. With `alert_id` or `task_id`, also the people of its case, and only
/// those whom `hand_over_alert` or `reassign_task` accepts; that reading is in the ledger.
#[utoipa::path(
    tag = "Alerts",
    params(ColleagueQuery),
    responses((status = 200, description = "Colleagues, by name", body = ColleagueList)),
)]
#[get("/colleagues")]
pub async fn list_colleagues(
    caller: Caller<act::AcknowledgeAlert>,
    query: web::Query<ColleagueQuery>,
) -> Result<HttpResponse, Problem> {
    let sought = match (query.alert_id, query.task_id) {
        (None, None) => Sought::ForAnything,
        (Some(alert), None) => Sought::ToTakeAlert(alert),
        (None, Some(task)) => Sought::ToDoTask(task),
        (Some(_), Some(_)) => {
            let says = "name an alert or a task, not both";
            return Err(Problem::because(Kind::InvalidParameter, says));
        }
    };
    let actor = caller.actor();
    let found = caller.write(move |tx| list(tx, &actor, sought)).await?;
    let colleagues = found.into_iter().map(ColleagueEntry::from).collect();
    Ok(HttpResponse::Ok().json(ColleagueList { colleagues }))
}
