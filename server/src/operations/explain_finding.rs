//! Says why a finding is what it is: the rules that were asked, on which facts, replayed by what was
//! known when it was made, at another instant, and now. The rules that explain are those that decided.

use std::collections::BTreeSet;

use compliance::alert::RestsOn;
use compliance::attendance::{Certainty, Finding, Outcome, POLICY_VERSION, Policy};
use compliance::held_record::{self, HeldRecords};
use compliance::holidays::{Division, Holidays};
use compliance::replay::{Case, FactChange, Known, Line, Verdict, lines_on};
use compliance::{Instant, Word};
use uuid::Uuid;

use super::Actor;
use super::judge_silence::noticed_at;
use super::load_cases::{BEARING, OnFile, Stations, load_cases};
use super::raise_alerts::object_of_key;
use super::record_fact::record_reading;
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::check_ins::CheckIn;
use crate::store::facts::Fact;
use crate::store::findings::{self, RecordedFinding, RecordedReason};
use crate::store::id::FindingId;
use crate::store::orders::{self, Condition, Order, OrderVersion};
use crate::store::positions::TagPosition;
use crate::store::{StoreError, Tx, alerts, obligations, replays, station_closures};

/// What there is of a fact to tell it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    pub id: Uuid,
    /// Of a fact its kind; else what it is.
    pub kind: &'static str,
    pub happened_at: Instant,
    /// By the clock of whoever recorded it, where that is another.
    pub stated_at: Option<Instant>,
    pub received_at: Instant,
    pub mistake_at: Option<Instant>,
    pub says: String,
}

impl From<Fact> for Cited {
    fn from(fact: Fact) -> Self {
        Self {
            id: fact.id.uuid(),
            kind: fact.kind.as_str(),
            happened_at: fact.happened_at,
            stated_at: None,
            received_at: fact.recorded_at,
            mistake_at: fact.superseded_at,
            says: fact.says,
        }
    }
}

impl From<TagPosition> for Cited {
    fn from(position: TagPosition) -> Self {
        Self {
            id: position.id.uuid(),
            kind: "position",
            happened_at: position.fixed_at,
            stated_at: None,
            received_at: position.received_at,
            mistake_at: None,
            says: format!("The tag reported a position, accurate to {:.0} m.", position.accuracy_m),
        }
    }
}

impl Cited {
    fn known(&self) -> Known<Uuid, ()> {
        Known { id: self.id, from: self.received_at, until: self.mistake_at, what: () }
    }
}

/// What is on file now and was not known then, or was known and counts no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub change: FactChange,
    pub at: Instant,
    pub fact: Cited,
}

/// The very finding again, from what was known when it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Again {
    pub finding: Finding,
    pub lines: Vec<Line<Uuid>>,
    /// Whether it comes out as it is on file.
    pub agrees: bool,
}

/// The edition of the rules, and every number that they compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesInForce {
    pub policy_version: i64,
    pub edition: &'static str,
    pub parameters: Vec<(&'static str, i64)>,
    /// SHA-256 of all of that.
    pub digest: [u8; 32],
}

pub struct Why {
    pub finding: RecordedFinding,
    pub reasons: Vec<RecordedReason>,
    pub on_file: OnFile,
    pub order: Order,
    pub condition: Condition,
    pub again: Again,
    pub then: (Instant, Verdict<Uuid>),
    pub now: (Instant, Verdict<Uuid>),
    pub differences: Vec<Difference>,
    pub cited: Vec<Cited>,
    pub rules: RulesInForce,
}

/// Without `known_at`, what was known when the finding was made.
pub fn explain_finding(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: FindingId,
    known_at: Option<Instant>,
) -> Result<Why, Refusal> {
    check_known_at(known_at, actor.now)?;
    let not_found = || Refusal::NotFound("finding");
    let finding = findings::find(tx, actor.scope, id)?.ok_or_else(not_found)?;
    let charge = obligations::charge_of(tx, actor.scope, finding.obligation_id)?;
    let charge = charge.ok_or_else(not_found)?;
    let order_id = charge.obligation.order_id;
    record_reading(tx, actor, "explain_finding", order_id)?;
    let order = orders::find(tx, actor.scope, order_id)?.ok_or_else(not_found)?;
    let mut loaded = load_cases(tx, &mut Stations::default(), vec![charge])?;
    let on_file = loaded.pop().ok_or_else(not_found)?;
    let condition_id = on_file.charge.obligation.condition_id;
    let conditions = orders::conditions(tx, on_file.version.id)?;
    let condition = conditions.into_iter().map(|(it, _)| it).find(|it| it.id == condition_id);
    let holidays = Holidays::shipped(Division::EnglandAndWales);
    let silences = replays::silences_of(tx, finding.obligation_id)?;
    let verdict = |at| {
        let verdict = on_file.case.verdict(Policy::IN_FORCE, at, &holidays);
        (at, certain_at(verdict, &silences, at))
    };
    let then = verdict(known_at.unwrap_or(finding.found_at));
    let now = verdict(actor.now);
    let cited = cite(tx, &on_file)?;
    let again = again(&on_file, (&finding, &silences), &holidays)?;
    Ok(Why {
        reasons: finding.reasons()?,
        differences: differences(&cited, then.0, now.0),
        condition: condition.ok_or_else(not_found)?,
        rules: rules_in_force(),
        finding,
        on_file,
        order,
        again,
        then,
        now,
        cited,
    })
}

/// What made a certain silence certain.
fn held_of(finding: &RecordedFinding) -> Option<HeldRecords> {
    let is_certain = finding.check_in_id.is_none() && finding.certainty == Certainty::Confirmed;
    let reasons = finding.reasons().ok().filter(|_| is_certain)?;
    held_record::said(&reasons.last()?.says)
}

/// A miss that was certain at an instant is put as certain.
fn certain_at(
    mut verdict: Verdict<Uuid>,
    silences: &[RecordedFinding],
    at: Instant,
) -> Verdict<Uuid> {
    let is_known = |it: &&RecordedFinding| {
        it.found_at <= at && it.superseded_at.is_none_or(|until| at < until)
    };
    let held = silences.iter().filter(is_known).find_map(held_of);
    let missed = verdict.finding.as_mut().filter(|it| it.outcome == Outcome::NotAttended);
    if let (Some(finding), Some(held)) = (missed, held) {
        let step = held_record::make_certain(finding, held);
        verdict.lines.push(Line { step, facts: Vec::new() });
    }
    verdict
}

/// When the silence was found that a certain one took the place of.
fn found_before(certain: &RecordedFinding, silences: &[RecordedFinding]) -> Option<Instant> {
    let before = silences.iter().rfind(|it| {
        it.superseded_at == Some(certain.found_at) && it.certainty == Certainty::Provisional
    });
    before.map(|it| it.found_at)
}

/// By the function that made it, from what was known at that instant.
fn again(
    on_file: &OnFile,
    (finding, silences): (&RecordedFinding, &[RecordedFinding]),
    holidays: &Holidays,
) -> Result<Again, StoreError> {
    let case = &on_file.case;
    let (found, lines) = match finding.check_in_id {
        Some(id) => {
            let record = case.records.iter().find(|record| record.id == id.uuid());
            let record = record.ok_or_else(|| StoreError::Corrupt {
                vocabulary: "check-ins",
                value: id.to_string(),
            })?;
            let (found, steps) = case.duty.explain(Policy::IN_FORCE, &record.what.attendance);
            (found, lines_on(record.id, steps).collect())
        }
        None => {
            let held = held_of(finding);
            let before = held.and_then(|_| found_before(finding, silences));
            let known_at = before.unwrap_or(finding.found_at);
            let when = (known_at, noticed_at(finding.found_at, silences));
            let (silence, mut lines) = case.explain_silence_at(Policy::IN_FORCE, when, holidays);
            let mut found = silence.finding;
            let step = held.map(|held| held_record::make_certain(&mut found, held));
            lines.extend(step.map(|step| Line { step, facts: Vec::new() }));
            (found, lines)
        }
    };
    let reasons: Vec<_> = found.reasons.iter().map(findings::recorded).collect();
    let agrees = (found.outcome, found.compliance, found.certainty)
        == (finding.outcome, finding.compliance, finding.certainty)
        && reasons == finding.reasons()?;
    Ok(Again { finding: found, lines, agrees })
}

/// Everything on file that bears on the duty, as it came in.
fn cite(tx: &mut Tx<'_>, on_file: &OnFile) -> Result<Vec<Cited>, StoreError> {
    let obligation = &on_file.charge.obligation;
    let versions = replays::versions(tx, &[obligation.order_id])?.into_iter().map(cite_version);
    let mut cited: Vec<Cited> = versions.collect();
    cited.extend(on_file.check_ins.iter().map(|it| check_in(on_file, it)));
    let facts = replays::facts_ever(tx, &[obligation.order_id], &BEARING)?;
    cited.extend(facts.into_iter().map(Cited::from));
    for closure in station_closures::of_station(tx, obligation.station_id)? {
        cited.push(Cited {
            id: closure.id.uuid(),
            kind: "station_closure",
            happened_at: compliance::order::start_of_day(closure.from_on, crate::ZONE),
            stated_at: None,
            received_at: closure.recorded_at,
            mistake_at: None,
            says: format!("The station was closed: {}", closure.reason),
        });
    }
    cited.extend(on_file.case.services.iter().filter_map(|it| intake_service(on_file, it)));
    let bearing = bearing(&on_file.case);
    cited.retain(|it| bearing.contains(&it.id));
    cited.sort_by_key(|it| (it.received_at, it.id));
    Ok(cited)
}

pub fn cite_version(version: OrderVersion) -> Cited {
    Cited {
        id: version.id.uuid(),
        kind: "order_version",
        happened_at: version.in_force_from,
        stated_at: None,
        received_at: version.recorded_at,
        mistake_at: None,
        says: format!("Version {} ({}).", version.number, version.reason),
    }
}

fn check_in(on_file: &OnFile, check_in: &CheckIn) -> Cited {
    let seal = on_file.seals.iter().find(|seal| seal.check_in_id == check_in.id);
    let sealed = seal.map_or_else(String::new, |seal| {
        format!(" Signed by the phone as its number {}; the seal held.", seal.sequence)
    });
    Cited {
        id: check_in.id.uuid(),
        kind: "check_in",
        happened_at: check_in.latest_at,
        stated_at: Some(check_in.attended_at),
        received_at: check_in.received_at,
        mistake_at: check_in.superseded_at,
        says: format!(
            "An attendance was confirmed; identity {} ({}).{sealed}",
            check_in.identity_result.as_str().replace('_', " "),
            check_in.identity_method.as_str().replace('_', " ")
        ),
    }
}

/// What the order's own intake stated has the order's id.
fn intake_service(on_file: &OnFile, served: &Known<Uuid, Instant>) -> Option<Cited> {
    (served.id == on_file.charge.obligation.order_id.uuid()).then(|| Cited {
        id: served.id,
        kind: "order_intake",
        happened_at: served.what,
        stated_at: None,
        received_at: served.from,
        mistake_at: served.until,
        says: "The order was put on file as served.".to_owned(),
    })
}

/// What came and what went between two instants, in that order.
pub fn differences(cited: &[Cited], then: Instant, now: Instant) -> Vec<Difference> {
    let mut found: Vec<Difference> = Vec::new();
    for fact in cited {
        let changes = fact.known().changes((then, now)).into_iter();
        found.extend(changes.map(|(change, at)| Difference { change, at, fact: fact.clone() }));
    }
    found.sort_by_key(|it| (it.at, it.fact.id));
    found
}

/// The ids of all that the case was made from.
fn bearing(case: &Case<Uuid>) -> BTreeSet<Uuid> {
    fn ids<T>(known: &[Known<Uuid, T>]) -> impl Iterator<Item = Uuid> {
        known.iter().map(|it| it.id)
    }
    ids(&case.services)
        .chain(ids(&case.removals))
        .chain(ids(&case.records))
        .chain(ids(&case.periods))
        .chain(ids(&case.appeals))
        .chain(ids(&case.decisions))
        .chain(ids(&case.closures))
        .chain([case.version.id])
        .collect()
}

/// What decides now, so that two explanations can be told to rest on the same rules.
pub fn rules_in_force() -> RulesInForce {
    let parameters = Policy::IN_FORCE.parameters().to_vec();
    let edition = env!("CARGO_PKG_VERSION");
    let text = format!("{edition}\n{POLICY_VERSION}\n{parameters:?}");
    let digest = sha256(text.as_bytes());
    RulesInForce { policy_version: POLICY_VERSION, edition, parameters, digest }
}

/// The finding that an alert about a sign-on rests on.
pub fn finding_of_alert(
    tx: &mut Tx<'_>,
    alert: &alerts::Alert,
) -> Result<Option<FindingId>, StoreError> {
    let Some(obligation) = alert.obligation_id else { return Ok(None) };
    let found = match alert.kind.rests_on() {
        // What was found at one instant and set aside at it is not the last word.
        RestsOn::Silence => {
            let found = replays::silences_of(tx, obligation)?.into_iter();
            found.max_by_key(|it| (it.found_at, it.superseded_at.is_none()))
        }
        RestsOn::Attendance => {
            let key = alerts::key_of(tx, alert.id)?.unwrap_or_default();
            match object_of_key(&key) {
                Some(id) => findings::of_check_in(tx, id.into(), obligation)?,
                None => None,
            }
        }
        RestsOn::Session
        | RestsOn::Request
        | RestsOn::Place
        | RestsOn::Feed
        | RestsOn::Notification
        | RestsOn::NotReplayed(_) => None,
    };
    Ok(found.map(|found| found.id))
}

/// What cannot have been known yet is not asked for.
pub fn check_known_at(known_at: Option<Instant>, now: Instant) -> Result<(), Refusal> {
    if known_at.is_some_and(|at| now < at) {
        let says = "as_known_at is in the future: nobody knows what will be on file";
        return Err(Refusal::Parameter(says.to_owned()));
    }
    Ok(())
}
