//! `record_examination`: a device was examined.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{
    Body, CheckAnswerWord, ExaminationMethodWord, InspectionCheckWord, Timestamp, checked_text,
};
use compliance::device::{DeviceRefusal, Examination, ExhibitRef};

use crate::operations::devices::{ExaminationBody, record_examination as record};
use crate::operations::order_life::Event;
use crate::store::id::{AccountId, FactId, OrderId};

/// An examination of a device, with its checklist.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExaminationSubmission {
    pub device_id: Option<FactId>,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub method: ExaminationMethodWord,
    /// Each check at most once.
    #[schema(max_items = 20)]
    pub answers: Vec<CheckSubmission>,
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub finding: String,
    /// The exhibit's reference, if the device was seized: initials and a number.
    #[schema(max_length = 20, example = "LF/1")]
    pub seized_as: Option<String>,
}

/// A line of the checklist.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckSubmission {
    pub check: InspectionCheckWord,
    pub answer: CheckAnswerWord,
}

impl ExaminationSubmission {
    fn read(self, by: AccountId) -> Result<(Examination, ExaminationBody), Problem> {
        checked_text("/finding", &self.finding, 4_000)?;
        if self.answers.len() > 20 {
            return Err(Problem::field("/answers", "holds more than 20"));
        }
        let exhibit = self.seized_as.as_deref().map(|text| {
            checked_text("/seized_as", text, 20)?;
            ExhibitRef::parse(text)
                .map_err(|refusal| Problem::field("/seized_as", refusal.to_string()))
        });
        let exhibit = exhibit.transpose()?;
        let seized_as = exhibit.as_ref().map(|exhibit| exhibit.as_str().to_owned());
        let answers: Vec<_> = self.answers.iter().map(|it| (it.check.0, it.answer.0)).collect();
        let times = (self.started_at.0, self.ended_at.0);
        let examination = Examination::new(times, by.uuid(), self.method.0, &answers, exhibit)
            .map_err(|refusal| {
                let is_time = refusal == DeviceRefusal::EndsBeforeItBegins;
                let field = if is_time { "/ended_at" } else { "/answers" };
                Problem::field(field, refusal.to_string())
            })?;
        let body = ExaminationBody {
            device: self.device_id,
            started_at: times.0.ms(),
            ended_at: times.1.ms(),
            method: self.method.0.to_string(),
            answers: answers.iter().map(|(c, a)| (c.to_string(), a.to_string())).collect(),
            finding: self.finding,
            seized_as,
        };
        Ok((examination, body))
    }
}

/// Records an examination of a device.
///
/// The checklist is held against the order's own rules on internet use, and against no others; what it
/// suggests raises an alert.
#[utoipa::path(
    tag = "Devices",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = ExaminationSubmission,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/orders/{order_id}/examinations/{record_id}")]
pub async fn record_examination(
    caller: Caller<act::RecordFact>,
    ids: web::Path<(OrderId, FactId)>,
    submission: Body<ExaminationSubmission>,
) -> Result<HttpResponse, Problem> {
    let read = submission.read().await?.read(caller.account.id)?;
    let (order, record_id) = *ids;
    let event = Event { order, record: record_id, happened_at: read.0.ended_at };
    let actor = caller.actor();
    let recorded = caller.write(move |tx| record(tx, &actor, event, read.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
