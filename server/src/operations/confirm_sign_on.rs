//! Confirms a sign-on: an officer says that the subject attended. Never refused for being early,
//! late or elsewhere; found to be what it is, and recorded with the finding.

use compliance::Instant;
use compliance::alert::{AlertCloseReason, AlertKind};
use compliance::attendance::{
    Attendance, Finding, IdentityMethod, IdentityResult, StationMatch, TrueTime,
};
use compliance::order::ObligationState;
use compliance::place::Fix;
use compliance::sealed_record::Beacon;

use super::Actor;
use super::raise_alerts::{Raise, check_in_key, close_alert, missed_key, raise_alerts};
use super::sealed_records::Seal;
use super::supersede_check_in::{Correction, leave_to_next_version, supersede};
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::check_ins::{self, CheckIn, Conflict};
use crate::store::findings::{self, NewFinding, RecordedReason};
use crate::store::id::{CheckInId, ObligationId, StationId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::obligations::{self, Charge};
use crate::store::stations::{self, Station};
use crate::store::{StoreError, Tx, orders, sealed_records};

/// What the officer's phone says.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// Made by the phone, so that sending again is harmless.
    pub id: CheckInId,
    pub obligation: ObligationId,
    /// Where the officer is.
    pub station: StationId,
    pub identity_method: IdentityMethod,
    pub identity_result: IdentityResult,
    /// By the phone's clock.
    pub attended_at: Instant,
    /// The phone's clock as the request left it; not part of the record.
    pub phone_clock_at: Option<Instant>,
    pub fix: Option<Fix>,
    pub note: String,
    pub corrects: Option<Correction>,
    /// Under which it came, if a phone has signed it: the record is kept, and the seal holds.
    pub seal: Option<Seal>,
    /// The record in one fixed form: two records are the same when this is.
    pub body: String,
}

/// What the record was found to be; never changes afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub check_in: CheckInId,
    pub obligation: ObligationId,
    pub received_at: Instant,
    pub finding: ReceiptFinding,
    /// Whether this record fulfilled the obligation; of several, only the first does.
    pub settled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptFinding {
    pub outcome: compliance::attendance::Outcome,
    pub compliance: compliance::attendance::Compliance,
    pub certainty: compliance::attendance::Certainty,
    pub reasons: Vec<RecordedReason>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    Recorded(Receipt),
    /// The very same record came before; this is the answer it got.
    Repeated(Receipt),
    /// Another record has this id. Both are kept.
    Conflict,
}

pub fn confirm_sign_on(
    tx: &mut Tx<'_>,
    actor: &Actor,
    confirmation: &Confirmation,
) -> Result<Confirmed, Refusal> {
    let body_digest = body_digest(actor, confirmation);
    if let Some(taken) = check_ins::find_taken(tx, confirmation.id)? {
        return answer_again(tx, actor, confirmation, taken, body_digest);
    }
    let charge = obligations::charge_of(tx, actor.scope, confirmation.obligation)?
        .ok_or(Refusal::NotFound("obligation"))?;
    let station = stations::find(tx, confirmation.station)?.ok_or(Refusal::NotFound("station"))?;
    let (charge, put_back) = match &confirmation.corrects {
        Some(correction) => {
            let put_back = supersede(tx, actor, correction, Some(confirmation.id))?;
            // The correction may have put the obligation back.
            let charge = obligations::charge_of(tx, actor.scope, confirmation.obligation)?
                .ok_or(Refusal::NotFound("obligation"))?;
            (charge, put_back)
        }
        None => (charge, None),
    };
    let attendance = attendance(tx, actor, confirmation, &charge, &station)?;
    let finding = charge.duty().assess(&attendance);
    let settled = finding.fulfils() && can_still_be_fulfilled(charge.obligation.state);
    let check_in = check_in(actor, confirmation, &charge, (attendance.time, settled, body_digest));
    check_ins::insert(tx, &check_in)?;
    if let Some(seal) = &confirmation.seal {
        let of = (seal.phone_key, &seal.digest);
        sealed_records::seal_check_in(tx, check_in.id, of, attendance.beacon)?;
    }
    record_finding(tx, actor, &check_in, &finding)?;
    if settled {
        settle(tx, actor, &charge, &check_in)?;
    }
    if let Some(obligation) = put_back {
        leave_to_next_version(tx, actor, obligation)?;
    }
    ledger::append(tx, actor.now, vec![entry(actor, &check_in, &finding)])?;
    let kind = AlertKind::of(&finding);
    let back_dated = settled && charge.obligation.state == ObligationState::Missed;
    let kind = kind.or(back_dated.then_some(AlertKind::HeldOnPhone));
    if let Some(kind) = kind {
        raise_alerts(tx, &actor.identity, actor.now, vec![raise(kind, &charge, &check_in)])?;
    }
    let finding = receipt_finding(&finding);
    Ok(Confirmed::Recorded(receipt(&check_in, finding)))
}

/// Who says it belongs to what is said: the same words from somebody else are another record.
fn body_digest(actor: &Actor, confirmation: &Confirmation) -> [u8; 32] {
    sha256(format!("{}\n{}", actor.scope.account, confirmation.body).as_bytes())
}

fn answer_again(
    tx: &mut Tx<'_>,
    actor: &Actor,
    confirmation: &Confirmation,
    taken: CheckIn,
    body_digest: [u8; 32],
) -> Result<Confirmed, Refusal> {
    if taken.body_digest == body_digest {
        let found = findings::of_check_in(tx, taken.id, taken.obligation_id)?
            .ok_or(Refusal::NotFound("finding"))?;
        let finding = ReceiptFinding {
            outcome: found.outcome,
            compliance: found.compliance,
            certainty: found.certainty,
            reasons: found.reasons()?,
        };
        return Ok(Confirmed::Repeated(receipt(&taken, finding)));
    }
    let conflict = Conflict {
        id: actor.identity.id(actor.now),
        check_in: taken.id,
        received_from: actor.scope.account,
        received_at: actor.now,
        body: confirmation.body.clone(),
        body_digest,
    };
    if check_ins::keep_conflict(tx, &conflict)? {
        raise_conflict(tx, actor, &taken, &conflict)?;
    }
    Ok(Confirmed::Conflict)
}

fn raise_conflict(
    tx: &mut Tx<'_>,
    actor: &Actor,
    taken: &CheckIn,
    conflict: &Conflict,
) -> Result<(), StoreError> {
    let Some(order) = orders::find_for_service(tx, taken.order_id)? else { return Ok(()) };
    let entry = NewEntry {
        chain: Chain::Order(order.id),
        actor: Some(actor.scope.account),
        act: "keep_conflict",
        object: format!("check_in:{}", taken.id),
        detail: format!("conflict:{}", conflict.id),
        body_digest: conflict.body_digest,
    };
    ledger::append(tx, actor.now, vec![entry])?;
    let raise = Raise {
        dedupe_key: format!("conflict:{}", conflict.id),
        kind: AlertKind::ConflictingRecords,
        severity: AlertKind::ConflictingRecords.severity(order.risk),
        order: Some(order.id),
        obligation: Some(taken.obligation_id),
        station: Some(taken.station_id),
        account: None,
        detail: "Two different records came under one id. Both are kept.".to_owned(),
        concerns_at: conflict.received_at,
    };
    raise_alerts(tx, &actor.identity, actor.now, vec![raise]).map(drop)
}

fn attendance(
    tx: &mut Tx<'_>,
    actor: &Actor,
    confirmation: &Confirmation,
    charge: &Charge,
    station: &Station,
) -> Result<Attendance, StoreError> {
    let station_match = if station.id == charge.obligation.station_id {
        StationMatch::Named
    } else if orders::alternates(tx, charge.obligation.condition_id)?.contains(&station.id) {
        StationMatch::Alternate
    } else {
        StationMatch::Other
    };
    let by_clocks =
        TrueTime::bound(confirmation.attended_at, confirmation.phone_clock_at, actor.now);
    let stated = confirmation.seal.map_or(Beacon::Absent, |seal| seal.beacon);
    let (time, beacon) = by_clocks.after(stated, actor.now);
    Ok(Attendance {
        time,
        received_at: actor.now,
        beacon,
        station: station_match,
        place: station.ground().judge(confirmation.fix),
        identity: confirmation.identity_result,
    })
}

/// A missed one too: a record that arrives late of an attendance in time ends the miss.
fn can_still_be_fulfilled(state: ObligationState) -> bool {
    matches!(state, ObligationState::Scheduled | ObligationState::Open | ObligationState::Missed)
}

fn check_in(
    actor: &Actor,
    confirmation: &Confirmation,
    charge: &Charge,
    (time, settled, body_digest): (TrueTime, bool, [u8; 32]),
) -> CheckIn {
    let fix = confirmation.fix;
    CheckIn {
        id: confirmation.id,
        obligation_id: confirmation.obligation,
        order_id: charge.obligation.order_id,
        station_id: confirmation.station,
        confirmed_by: actor.scope.account,
        identity_method: confirmation.identity_method,
        identity_result: confirmation.identity_result,
        attended_at: confirmation.attended_at,
        received_at: actor.now,
        earliest_at: time.earliest_at,
        latest_at: time.latest_at,
        latitude: fix.map(|fix| fix.position.latitude),
        longitude: fix.map(|fix| fix.position.longitude),
        accuracy_m: fix.map(|fix| fix.accuracy_m),
        note: confirmation.note.clone(),
        body_digest: body_digest.to_vec(),
        settled,
        supersedes: confirmation.corrects.as_ref().map(|correction| correction.check_in),
        superseded_at: None,
        superseded_by: None,
        superseded_reason: None,
    }
}

fn record_finding(
    tx: &mut Tx<'_>,
    actor: &Actor,
    check_in: &CheckIn,
    finding: &Finding,
) -> Result<(), StoreError> {
    let new = NewFinding {
        id: actor.identity.id(actor.now),
        obligation: check_in.obligation_id,
        check_in: Some(check_in.id),
        finding: finding.clone(),
        found_at: actor.now,
    };
    findings::insert(tx, new)
}

fn settle(
    tx: &mut Tx<'_>,
    actor: &Actor,
    charge: &Charge,
    check_in: &CheckIn,
) -> Result<(), StoreError> {
    let obligation = &charge.obligation;
    obligations::fulfil(tx, obligation.id, check_in.id)?;
    if obligation.state == ObligationState::Missed {
        findings::supersede_silence(tx, obligation.id, actor.now)?;
        let key = missed_key(obligation.id);
        let by = Some(actor.scope.account);
        close_alert(tx, actor.now, &key, AlertCloseReason::AttendanceFound, by)?;
    }
    Ok(())
}

fn entry(actor: &Actor, check_in: &CheckIn, finding: &Finding) -> NewEntry {
    let digest = check_in.body_digest.as_slice().try_into().unwrap_or_default();
    NewEntry {
        chain: Chain::Order(check_in.order_id),
        actor: Some(actor.scope.account),
        act: "confirm_sign_on",
        object: format!("check_in:{}", check_in.id),
        detail: format!("obligation:{} {}", check_in.obligation_id, finding.outcome),
        body_digest: digest,
    }
}

fn raise(kind: AlertKind, charge: &Charge, check_in: &CheckIn) -> Raise {
    Raise {
        dedupe_key: check_in_key(check_in.id),
        kind,
        severity: kind.severity(charge.risk),
        order: Some(check_in.order_id),
        obligation: Some(check_in.obligation_id),
        station: Some(check_in.station_id),
        account: None,
        detail: String::new(),
        concerns_at: check_in.latest_at,
    }
}

fn receipt_finding(finding: &Finding) -> ReceiptFinding {
    ReceiptFinding {
        outcome: finding.outcome,
        compliance: finding.compliance,
        certainty: finding.certainty,
        reasons: finding.reasons.iter().map(findings::recorded).collect(),
    }
}

fn receipt(check_in: &CheckIn, finding: ReceiptFinding) -> Receipt {
    Receipt {
        check_in: check_in.id,
        obligation: check_in.obligation_id,
        received_at: check_in.received_at,
        finding,
        settled: check_in.settled,
    }
}
