//! An order in the file, and over HTTP: its versions and their conditions, and what is wrong with one.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime};
use compliance::order::{ConditionKind, OrderKind, Polarity, VersionReason, check_duration};
use compliance::order_kind::MadeBy;
use compliance::schedule::ScheduleText;
use compliance::{Instant, Schedule, Word};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::prohibitions::{ExclusionZoneEntry, InternetUseEntry, NoApproachEntry, NoContactEntry};
use super::subject::SubjectEntry;
use super::treatment::TreatmentEntry;
use super::{Check, Fault};

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrderSubmission)]
pub struct OrderEntry {
    pub reference: String,
    pub kind: String,
    pub court: String,
    /// Of a drafted order there is none yet.
    #[serde(default)]
    pub made_on: Option<NaiveDate>,
    /// On file before the court has made it: it has no version, asks for nothing and raises nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drafted: bool,
    #[serde(deserialize_with = "Option::deserialize")]
    pub served_at: Option<String>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub ends_on: Option<NaiveDate>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub owner: Option<String>,
    pub risk: String,
    /// How the court came to make it; on application, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    /// The force that applied, by its two-digit code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub making_force: String,
    /// Where the order says that it takes effect on a later day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_effect_on: Option<NaiveDate>,
    /// Reference of the interim order whose place it takes (s.5(7), s.9(1)(a)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervisor: Option<String>,
    pub subject: SubjectEntry,
    pub versions: Vec<VersionEntry>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrderVersionSubmission)]
pub struct VersionEntry {
    pub number: i64,
    pub reason: String,
    #[serde(default)]
    pub note: String,
    pub in_force_from: String,
    pub conditions: Vec<ConditionEntry>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConditionSubmission)]
pub struct ConditionEntry {
    pub label: String,
    pub polarity: String,
    pub kind: String,
    pub wording: String,
    pub plain_words: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
    /// Where the term is limited to a part of the United Kingdom (s.2(4)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Who is responsible for supervising compliance.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub supervised_by: String,
    /// Why the term is necessary (s.2(2)).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub necessity: String,
    /// Why its times stand although they fall in times of work, education or religion (s.2(3)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clash_reason: Option<String>,
    /// Of a condition that only a person can check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_on: Option<SignOnEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub treatment: Option<TreatmentEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusion_zone: Option<ExclusionZoneEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_contact: Option<NoContactEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_approach: Option<NoApproachEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internet_use: Option<InternetUseEntry>,
}

/// Who looks whether a condition is kept, and when next.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckingPlan)]
pub struct PlanEntry {
    pub person: String,
    pub review_on: NaiveDate,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignOnTerms)]
pub struct SignOnEntry {
    pub station: String,
    pub alternates: Vec<String>,
    pub early_counts: bool,
    pub schedules: Vec<ScheduleEntry>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ScheduleTerms)]
pub struct ScheduleEntry {
    pub zone: String,
    pub starts_on: NaiveDate,
    #[serde(deserialize_with = "Option::deserialize")]
    pub rrule: Option<String>,
    pub exdates: Vec<NaiveDate>,
    pub rdates: Vec<NaiveDate>,
    pub opens: String,
    pub closes: String,
}

impl Check {
    pub(super) fn order(&mut self, at: &str, order: &OrderEntry) {
        self.text(&format!("{at}/reference"), &order.reference, 40);
        self.word::<compliance::alert::Risk>(&format!("{at}/risk"), &order.risk);
        let kind = self.word::<OrderKind>(&format!("{at}/kind"), &order.kind);
        let days = [
            ("made_on", order.made_on),
            ("ends_on", order.ends_on),
            ("takes_effect_on", order.takes_effect_on),
        ];
        match order.made_on {
            _ if !self.days(at, &days) => {}
            _ if order.drafted => self.drafted(at, order),
            None => self.fault(
                &format!("{at}/made_on"),
                "is missing: say on which day the court made it, or that it is drafted",
            ),
            Some(made_on) => self.made(at, order, (kind, made_on)),
        }
        if let Some(served_at) = &order.served_at {
            self.instant(&format!("{at}/served_at"), served_at);
        }
        if let Some(made_by) = &order.made_by {
            self.word::<MadeBy>(&format!("{at}/made_by"), made_by);
        }
        let force = &order.making_force;
        if !force.is_empty() && (force.len() != 2 || !force.chars().all(|c| c.is_ascii_digit())) {
            self.fault(&format!("{at}/making_force"), "is a force's code: two digits");
        }
        if order.replaces.as_ref() == Some(&order.reference) {
            self.fault(&format!("{at}/replaces"), "is the order itself");
        }
        let names = [
            ("owner", &order.owner, 100),
            ("deputy", &order.deputy, 100),
            ("supervisor", &order.supervisor, 100),
            ("replaces", &order.replaces, 40),
        ];
        for (field, name, at_most) in names {
            if let Some(name) = name {
                self.text(&format!("{at}/{field}"), name, at_most);
            }
        }
        self.subject(&format!("{at}/subject"), &order.subject);
    }

    /// A draft says who it is about and who writes it; what the court decides is for its making.
    fn drafted(&mut self, at: &str, order: &OrderEntry) {
        let is_said = [
            ("made_on", order.made_on.is_some()),
            ("served_at", order.served_at.is_some()),
            ("ends_on", order.ends_on.is_some()),
            ("takes_effect_on", order.takes_effect_on.is_some()),
            ("versions", !order.versions.is_empty()),
        ];
        for (field, _) in is_said.into_iter().filter(|(_, is_said)| *is_said) {
            self.fault(&format!("{at}/{field}"), "is for orders that a court has made, not drafts");
        }
        if !order.court.is_empty() {
            self.text(&format!("{at}/court"), &order.court, 200);
        }
    }

    fn made(&mut self, at: &str, order: &OrderEntry, (kind, on): (Option<OrderKind>, NaiveDate)) {
        self.text(&format!("{at}/court"), &order.court, 200);
        if let Some(Err(refusal)) = kind.map(|kind| check_duration(kind, on, order.ends_on)) {
            self.fault(&format!("{at}/ends_on"), refusal.to_string());
        }
        if order.versions.is_empty() {
            self.fault(&format!("{at}/versions"), "has no version: an order has at least one");
        }
        let mut last: Option<(i64, Instant)> = None;
        for (index, version) in order.versions.iter().enumerate() {
            let at = format!("{at}/versions/{index}");
            let in_force_from = self.version(&at, kind, version);
            if last.is_some_and(|(number, _)| version.number <= number) {
                self.fault(
                    &format!("{at}/number"),
                    "is not above the number of the version before",
                );
            }
            let is_ascending = |from: Instant| last.is_none_or(|(_, before)| before < from);
            if in_force_from.is_some_and(|from| !is_ascending(from)) {
                self.fault(
                    &format!("{at}/in_force_from"),
                    "is not after that of the version before",
                );
            }
            last = in_force_from.map(|from| (version.number, from)).or(last);
        }
    }

    fn version(
        &mut self,
        at: &str,
        kind: Option<OrderKind>,
        version: &VersionEntry,
    ) -> Option<Instant> {
        if version.number < 1 {
            self.fault(&format!("{at}/number"), "is 1 or more");
        }
        self.word::<VersionReason>(&format!("{at}/reason"), &version.reason);
        if !version.note.is_empty() {
            self.text(&format!("{at}/note"), &version.note, 2_000);
        }
        if version.conditions.is_empty() {
            self.fault(&format!("{at}/conditions"), "has no condition: an order has at least one");
        }
        let mut labels = BTreeSet::new();
        for (index, condition) in version.conditions.iter().enumerate() {
            let at = format!("{at}/conditions/{index}");
            self.condition(&at, condition);
            self.supervisor(&at, kind, condition);
            if !labels.insert(&condition.label) {
                let says = format!("{:?} stands in this version twice", condition.label);
                self.fault(&format!("{at}/label"), says);
            }
        }
        self.instant(&format!("{at}/in_force_from"), &version.in_force_from)
    }

    fn condition(&mut self, at: &str, condition: &ConditionEntry) {
        let mut label = condition.label.chars();
        let is_label = label.next().is_some_and(|c| c.is_ascii_uppercase())
            && (1..=2).contains(&label.as_str().len())
            && label.all(|c| c.is_ascii_digit());
        if !is_label {
            self.fault(&format!("{at}/label"), "is a capital letter and one or two digits, as R1");
        }
        self.word::<Polarity>(&format!("{at}/polarity"), &condition.polarity);
        self.text(&format!("{at}/wording"), &condition.wording, 4_000);
        self.text(&format!("{at}/plain_words"), &condition.plain_words, 1_000);
        let days = [("valid_from", condition.valid_from), ("valid_until", condition.valid_until)];
        self.days(at, &days);
        if condition.valid_from.zip(condition.valid_until).is_some_and(|(from, until)| until < from)
        {
            self.fault(&format!("{at}/valid_until"), "is before valid_from");
        }
        self.wider(at, condition);
        let kind = self.word::<ConditionKind>(&format!("{at}/kind"), &condition.kind);
        self.treatment(at, kind, condition);
        self.prohibitions(at, kind, condition);
        match (kind, &condition.sign_on) {
            (Some(ConditionKind::SignOn), Some(sign_on)) => {
                self.sign_on(&format!("{at}/sign_on"), sign_on)
            }
            (Some(ConditionKind::SignOn), None) => {
                self.fault(
                    &format!("{at}/sign_on"),
                    "is missing: a sign_on condition says where and when",
                );
            }
            (Some(_), Some(_)) => {
                self.fault(&format!("{at}/sign_on"), "belongs to conditions of kind sign_on only");
            }
            _ => {}
        }
    }

    /// Some kinds of order name who supervises each requirement (as DA Act 2021 s.36(2)).
    fn supervisor(&mut self, at: &str, kind: Option<OrderKind>, condition: &ConditionEntry) {
        let is_asked = kind.is_some_and(|kind| kind.row().supervisor_named_required)
            && condition.polarity == Polarity::Requirement.as_str();
        if is_asked && condition.supervised_by.trim().is_empty() {
            let says = "is missing: an order of this kind names who supervises each requirement";
            self.fault(&format!("{at}/supervised_by"), says);
        }
    }

    /// What conditions of every kind may say beside their words.
    fn wider(&mut self, at: &str, condition: &ConditionEntry) {
        let texts = [
            ("clash_reason", condition.clash_reason.as_deref(), 500),
            ("locality", condition.locality.as_deref(), 200),
            ("supervised_by", Some(condition.supervised_by.as_str()), 100),
            ("necessity", Some(condition.necessity.as_str()), 2_000),
        ];
        for (field, text, at_most) in texts {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                self.text(&format!("{at}/{field}"), text, at_most);
            }
        }
        if let Some(plan) = &condition.plan {
            self.text(&format!("{at}/plan/person"), &plan.person, 100);
            self.days(at, &[("plan/review_on", Some(plan.review_on))]);
        }
    }

    fn sign_on(&mut self, at: &str, sign_on: &SignOnEntry) {
        if sign_on.schedules.is_empty() {
            self.fault(&format!("{at}/schedules"), "has no schedule: say when the sign-on is due");
        }
        self.text(&format!("{at}/station"), &sign_on.station, 12);
        for (index, code) in sign_on.alternates.iter().enumerate() {
            self.text(&format!("{at}/alternates/{index}"), code, 12);
        }
        if sign_on.alternates.contains(&sign_on.station) {
            self.fault(&format!("{at}/alternates"), "names the station itself");
        }
        for (index, schedule) in sign_on.schedules.iter().enumerate() {
            let at = format!("{at}/schedules/{index}");
            if let Err((field, says)) = read_schedule(schedule) {
                self.fault(&format!("{at}/{field}"), says);
            }
        }
    }
}

/// What is wrong with one order, by JSON pointers into it.
pub fn check_order(order: &OrderEntry, today: NaiveDate) -> Result<(), Vec<Fault>> {
    let mut check = Check { today, faults: Vec::new() };
    check.order("", order);
    check.done()
}

/// What is wrong with one version of an order of that kind.
pub fn check_version(
    kind: OrderKind,
    version: &VersionEntry,
    today: NaiveDate,
) -> Result<(), Vec<Fault>> {
    let mut check = Check { today, faults: Vec::new() };
    check.version("", Some(kind), version);
    check.done()
}

pub(super) fn read_time(text: &str) -> Option<NaiveTime> {
    (text.len() == 5).then(|| NaiveTime::parse_from_str(text, "%H:%M").ok()).flatten()
}

/// The schedule's rule, or the field that is wrong and why.
pub fn read_schedule(entry: &ScheduleEntry) -> Result<Schedule, (&'static str, String)> {
    use compliance::ScheduleRefusal as Refusal;
    let time = |field: &'static str, text: &str| {
        read_time(text).ok_or((field, format!("{text:?} is no time of day HH:MM such as 09:30")))
    };
    let text = ScheduleText {
        zone: &entry.zone,
        starts_on: entry.starts_on,
        rrule: entry.rrule.as_deref(),
        exdates: &entry.exdates,
        rdates: &entry.rdates,
        opens: time("opens", &entry.opens)?,
        closes: time("closes", &entry.closes)?,
    };
    Schedule::parse(&text).map_err(|refusal| {
        let field = match refusal {
            Refusal::UnknownZone { .. } => "zone",
            Refusal::StartOutOfRange { .. } => "starts_on",
            Refusal::ExtraDateOutOfRange { .. } | Refusal::TooManyDates => "rdates",
            Refusal::NotWholeMinutes => "opens",
            _ => "rrule",
        };
        (field, refusal.to_string())
    })
}
