//! Reads everything that an evidence pack about a breach case is made of, as it was known at one
//! position of the case's ledger, and records that it was. `pack.rs` makes the files of it.

mod known;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use compliance::alert::AlertKind;
use compliance::evidence::{
    MADE_PACK, PackProfile, PackRecipient, READ_FOR_PACK, is_sensitive_alert,
};
use compliance::fact::FactKind;
use compliance::holidays::{Division, Holidays};
use compliance::opening::Opening;
use compliance::order::start_of_day;
use compliance::{Instant, Window, Word};

pub use self::known::Known;
use super::Actor;
use super::breach_cases::OpenedBody;
use super::explain_finding::check_known_at;
use super::load_cases::{removals, services};
use super::photos::{PhotoFile, photo_file};
use crate::ZONE;
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::alert_events::AlertEvent;
use crate::store::alerts::Alert;
use crate::store::check_ins::CheckIn;
use crate::store::evidence::{self, DeliveryOnFile};
use crate::store::facts::{self, Fact};
use crate::store::findings::RecordedFinding;
use crate::store::id::{AccountId, AlertId, CheckInId, FactId, ObligationId, OrderId, StationId};
use crate::store::ledger::{self, Chain, LedgerEntry, NewEntry};
use crate::store::obligations::{self, Obligation};
use crate::store::orders::{self, Condition, Order, OrderVersion};
use crate::store::sealed_records::{self, CheckInSeal};
use crate::store::station_closures::{self, StationClosure};
use crate::store::stations::{self, Station};
use crate::store::subjects::{self, Subject};
use crate::store::{StoreError, Tx, accounts};

/// Which pack is asked for, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub case: FactId,
    pub profile: PackProfile,
    pub recipient: Option<PackRecipient>,
    /// Now, when nothing is said.
    pub as_known_at: Option<Instant>,
    /// The last entry of the order's chain that the pack knows of.
    pub ledger_seq: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct VersionOnFile {
    pub version: OrderVersion,
    pub conditions: Vec<(Condition, Vec<StationId>)>,
}

/// The duty that the case is about, and when the counter was open for it.
#[derive(Debug, Clone)]
pub struct DutyOnFile {
    pub obligation: Obligation,
    pub opening: Option<DayOpening>,
}

#[derive(Debug, Clone)]
pub struct DayOpening {
    pub day: NaiveDate,
    pub of_day: Opening,
    pub of_window: Opening,
    /// Those that touch the day.
    pub closures: Vec<StationClosure>,
}

/// All that is on file about a case as it was known.
#[derive(Debug, Clone)]
pub struct CaseFile {
    pub profile: PackProfile,
    pub known: Known,
    pub case: Fact,
    pub opened: OpenedBody,
    /// Only what never changes of it goes into a pack; its life is told from the facts.
    pub order: Order,
    pub subject: Subject,
    /// The first service that stands.
    pub served_at: Option<Instant>,
    pub alert: Option<Alert>,
    pub duty: Option<DutyOnFile>,
    pub versions: Vec<VersionOnFile>,
    /// As they happened; those called mistakes too.
    pub facts: Vec<Fact>,
    pub duties: Vec<Obligation>,
    pub check_ins: Vec<CheckIn>,
    /// Under which these came in, those that a phone had signed.
    pub seals: Vec<CheckInSeal>,
    pub findings: Vec<RecordedFinding>,
    pub events: Vec<AlertEvent>,
    pub deliveries: Vec<DeliveryOnFile>,
    pub conflicts: usize,
    pub names: BTreeMap<AccountId, String>,
    pub stations: BTreeMap<StationId, Station>,
    /// Of the subject, for the prosecution only.
    pub photos: BTreeMap<FactId, PhotoFile>,
    /// As what each alert was last raised, by the ledger's name for it: the row may have changed since.
    alert_kinds: BTreeMap<String, AlertKind>,
    /// The order's chain up to the position.
    pub entries: Vec<LedgerEntry>,
}

/// What the ledger calls an alert.
pub fn alert_object(id: AlertId) -> String {
    format!("alert:{id}")
}

/// The kind that an entry says an alert was raised as.
pub fn raised_as(entry: &LedgerEntry) -> Option<AlertKind> {
    let word = entry.detail.split(' ').next()?;
    AlertKind::parse(word).filter(|_| entry.act == "raise_alert")
}

impl CaseFile {
    pub fn name(&self, account: Option<AccountId>) -> Option<&str> {
        account.and_then(|id| self.names.get(&id)).map(String::as_str)
    }

    pub fn station(&self, id: StationId) -> &str {
        self.stations.get(&id).map_or("a station that is not on file", |it| it.name.as_str())
    }

    /// The version and the condition of the duty that the case is about.
    pub fn relied_on(&self) -> Option<(&OrderVersion, &Condition)> {
        self.duty.as_ref().and_then(|duty| self.condition_of(&duty.obligation))
    }

    /// What an attendance was found to be.
    pub fn finding_of(&self, check_in: &CheckIn) -> Option<&RecordedFinding> {
        self.findings.iter().find(|of| of.check_in_id == Some(check_in.id))
    }

    /// The seal under which it came in.
    pub fn seal_of(&self, check_in: &CheckIn) -> Option<&CheckInSeal> {
        self.seals.iter().find(|of| of.check_in_id == check_in.id)
    }

    /// Whether a duty was still asked for when it closed: of a version that another had not taken the
    /// place of, of an order that was served and had not ended.
    pub fn is_asked_for(&self, duty: &Obligation) -> bool {
        let Some((version, _)) = self.condition_of(duty) else { return false };
        let versions = self.versions.iter().map(|it| &it.version);
        let removed = removals(duty.closes_at, (version.number, versions), &self.facts);
        self.served_at.is_some_and(|at| at < duty.closes_at)
            && removed.iter().all(|it| it.until.is_some())
    }

    /// As what an alert was last raised.
    pub fn kind_of_alert(&self, id: AlertId) -> Option<AlertKind> {
        self.alert_kinds.get(&alert_object(id)).copied()
    }

    /// Of an alert by the ledger's name for it; one whose raising is not in the ledger is taken for
    /// sensitive.
    pub fn is_sensitive(&self, alert: &str) -> bool {
        self.alert_kinds.get(alert).is_none_or(|kind| is_sensitive_alert(*kind))
    }

    /// The condition of a duty and the version that it stands in, if the version was known.
    pub fn condition_of(&self, duty: &Obligation) -> Option<(&OrderVersion, &Condition)> {
        self.versions.iter().find_map(|on_file| {
            let found = on_file.conditions.iter().find(|(it, _)| it.id == duty.condition_id);
            found.map(|(condition, _)| (&on_file.version, condition))
        })
    }

    /// When what the case is about was failed.
    pub fn failed_at(&self) -> Instant {
        Instant::from_ms(self.opened.failed_at)
    }

    /// The version by which a window that closed at the failure is judged.
    pub fn version_in_force(&self) -> Option<&OrderVersion> {
        let mut begun = self.versions.iter().map(|on_file| &on_file.version);
        begun.rfind(|version| version.in_force_from < self.failed_at())
    }

    /// The facts that nobody had called a mistake.
    pub fn standing(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(|fact| fact.superseded_at.is_none())
    }
}

/// Reads a case for a pack. That it was made, by whom, for whom and of which position, is in the ledger
/// with the reading; it stands after the position, so it is not in the pack.
pub fn evidence_for(tx: &mut Tx<'_>, actor: &Actor, asked: &Asked) -> Result<CaseFile, Refusal> {
    let case = facts::find(tx, actor.scope, asked.case)?
        .filter(|fact| fact.kind == FactKind::BreachCaseOpened)
        .ok_or(Refusal::NotFound("breach case"))?;
    let order = orders::find(tx, actor.scope, case.order_id)?.ok_or(Refusal::NotFound("order"))?;
    let subject =
        subjects::find(tx, actor.scope, order.subject_id)?.ok_or(Refusal::NotFound("subject"))?;
    let chain = ledger::whole(tx, Chain::Order(order.id))?;
    let known = position(&chain, actor.now, asked)?;
    let object = format!("fact:{}", case.id);
    if !known.holds(&object, case.recorded_at) || known.is_mistaken(&object) {
        let says = "as_known_at or ledger_seq is before the case was on file, or after it was \
                    called a mistake";
        return Err(Refusal::Parameter(says.to_owned()));
    }
    let mut found = read(tx, (asked.profile, known), (case, order, subject), chain)?;
    found.duty = duty(tx, actor, &found)?;
    look_up(tx, &mut found)?;
    let entry = entry(actor, (&found, asked.recipient), (READ_FOR_PACK, None));
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(found)
}

fn position(chain: &[LedgerEntry], now: Instant, asked: &Asked) -> Result<Known, Refusal> {
    check_known_at(asked.as_known_at, now)?;
    let refuse = |says: String| Err(Refusal::Parameter(says));
    let at = asked.as_known_at.unwrap_or(now);
    let Some(seq) = asked.ledger_seq else {
        return Ok(Known::of(chain, at, known::position_at(chain, at)));
    };
    let last = chain.last().map_or(0, |entry| entry.seq);
    match chain.iter().find(|entry| entry.seq == seq) {
        Some(entry) => Ok(Known::of(chain, asked.as_known_at.unwrap_or(entry.recorded_at), seq)),
        None => refuse(format!("ledger_seq is 1 to {last}")),
    }
}

fn read(
    tx: &mut Tx<'_>,
    (profile, known): (PackProfile, Known),
    (case, order, subject): (Fact, Order, Subject),
    mut chain: Vec<LedgerEntry>,
) -> Result<CaseFile, StoreError> {
    let id = order.id;
    chain.retain(|entry| entry.seq <= known.seq);
    let opened: OpenedBody = case.read()?;
    let alerts = known.alerts(evidence::alerts(tx, id)?);
    let conflicts = evidence::conflicts(tx, id)?;
    let facts = known.facts(facts::all_of_order(tx, id)?.into_iter().map(|(fact, _)| fact));
    let check_ins = known.check_ins(evidence::check_ins(tx, id)?);
    let came_in: Vec<CheckInId> = check_ins.iter().map(|it| it.id).collect();
    let served = services(&facts)?.into_iter().filter(|it| it.until.is_none()).map(|it| it.what);
    Ok(CaseFile {
        profile,
        served_at: served.chain(order.intake_served_at).min(),
        alert: alerts.into_iter().find(|alert| alert.id == opened.alert),
        duty: None,
        versions: versions(tx, id, &known)?,
        facts,
        duties: known.duties(evidence::duties(tx, id, known.at)?),
        seals: sealed_records::of_check_ins(tx, &came_in)?,
        check_ins,
        findings: known.findings(evidence::findings(tx, id)?),
        events: known.events(evidence::events(tx, id)?),
        deliveries: known.deliveries(evidence::deliveries(tx, id)?),
        conflicts: conflicts.into_iter().filter(|at| known.holds_at(*at)).count(),
        names: BTreeMap::new(),
        alert_kinds: chain
            .iter()
            .filter_map(|entry| Some((entry.object.clone(), raised_as(entry)?)))
            .collect(),
        stations: BTreeMap::new(),
        photos: BTreeMap::new(),
        entries: chain,
        case: known.fact(case),
        opened,
        order,
        subject,
        known,
    })
}

fn versions(
    tx: &mut Tx<'_>,
    order: OrderId,
    known: &Known,
) -> Result<Vec<VersionOnFile>, StoreError> {
    let mut found = Vec::new();
    for version in orders::versions(tx, order)? {
        if known.holds(&format!("order_version:{}", version.id), version.recorded_at) {
            let mut conditions = orders::conditions(tx, version.id)?;
            // In one order, whatever the database's collation.
            conditions.sort_by(|(one, _), (other, _)| one.label.cmp(&other.label));
            found.push(VersionOnFile { version, conditions });
        }
    }
    Ok(found)
}

fn duty(tx: &mut Tx<'_>, actor: &Actor, found: &CaseFile) -> Result<Option<DutyOnFile>, Refusal> {
    let id: Option<ObligationId> = found.alert.as_ref().and_then(|alert| alert.obligation_id);
    let Some(id) = id else { return Ok(None) };
    let Some(charge) = obligations::charge_of(tx, actor.scope, id)? else { return Ok(None) };
    let obligation = charge.obligation;
    let opening = opening(tx, &found.known, &obligation)?;
    Ok(Some(DutyOnFile { obligation, opening }))
}

/// When the counter was open on the day of a window: by the hours that are on file, which keep no
/// history, and by the closures that were known.
fn opening(
    tx: &mut Tx<'_>,
    known: &Known,
    duty: &Obligation,
) -> Result<Option<DayOpening>, StoreError> {
    let Some(mut hours) = stations::hours(tx, duty.station_id)? else { return Ok(None) };
    let day = duty.opens_at.local_date(ZONE);
    let mut closures = station_closures::of_station(tx, duty.station_id)?;
    closures.retain(|closure| known.holds_at(closure.recorded_at));
    hours.closures = closures.iter().filter_map(StationClosure::closure).collect();
    closures.retain(|of| of.from_on <= day && of.until_on.is_none_or(|until| day <= until));
    let next = day.succ_opt().unwrap_or(day);
    let whole = Window { opens_at: start_of_day(day, ZONE), closes_at: start_of_day(next, ZONE) };
    let holidays = Holidays::shipped(Division::EnglandAndWales);
    Ok(Some(DayOpening {
        day,
        of_day: hours.judge(whole, &holidays),
        of_window: hours.judge(duty.window(), &holidays),
        closures,
    }))
}

/// The names of everybody and of every station that the case names by id.
fn look_up(tx: &mut Tx<'_>, found: &mut CaseFile) -> Result<(), StoreError> {
    let mut people: BTreeSet<AccountId> = BTreeSet::new();
    people.extend(found.check_ins.iter().map(|it| it.confirmed_by));
    people.extend(found.facts.iter().filter_map(|it| it.recorded_by));
    people.extend(found.events.iter().flat_map(|it| [it.actor, it.to_account]).flatten());
    people.extend(found.deliveries.iter().filter_map(|it| it.account_id));
    people.extend(found.versions.iter().filter_map(|it| it.version.recorded_by));
    people.extend(found.entries.iter().filter_map(|it| it.actor));
    for id in people {
        if let Some(account) = accounts::find(tx, id)? {
            found.names.insert(id, account.display_name);
        }
    }
    let mut places: BTreeSet<StationId> = BTreeSet::new();
    places.extend(found.check_ins.iter().map(|it| it.station_id));
    places.extend(found.duties.iter().map(|it| it.station_id));
    places.extend(found.duty.iter().map(|it| it.obligation.station_id));
    for (condition, others) in found.versions.iter().flat_map(|it| &it.conditions) {
        places.extend(condition.station_id.iter().chain(others));
    }
    for id in places {
        if let Some(station) = stations::find(tx, id)? {
            found.stations.insert(id, station);
        }
    }
    if !found.profile.withholds() {
        let photos: Vec<Fact> =
            found.standing().filter(|it| it.kind == FactKind::PhotoRecorded).cloned().collect();
        for fact in photos {
            found.photos.insert(fact.id, photo_file(tx, &fact)?);
        }
    }
    Ok(())
}

/// With the digest of what was made; before that, of what was asked for.
fn entry(
    actor: &Actor,
    (found, recipient): (&CaseFile, Option<PackRecipient>),
    (act, made): (&'static str, Option<[u8; 32]>),
) -> NewEntry {
    let to = recipient.map_or_else(String::new, |to| format!(" to:{to}"));
    let detail = format!("{} seq:{} at:{}{to}", found.profile, found.known.seq, found.known.at);
    NewEntry {
        chain: Chain::Order(found.order.id),
        actor: Some(actor.scope.account),
        act,
        object: format!("breach_case:{}", found.case.id),
        body_digest: made.unwrap_or_else(|| sha256(detail.as_bytes())),
        detail,
    }
}

/// What was made, by its digest: whoever holds a pack can ask whether it is the one that was handed out.
pub fn record_made_pack(
    tx: &mut Tx<'_>,
    actor: &Actor,
    made: (&CaseFile, Option<PackRecipient>),
    digest: [u8; 32],
) -> Result<(), StoreError> {
    ledger::append(tx, actor.now, vec![entry(actor, made, (MADE_PACK, Some(digest)))])
}
