//! What conditions of treatment and devices, and the statute's duty to notify, come to now, in plain
//! words: for whoever stands in front of the subject.

use compliance::device::RequestState;
use compliance::notification::{Cause, DutyState};
use compliance::order::ConditionKind;
use compliance::order_kind::ChangeDuty;
use compliance::{Instant, Window};

use super::devices::requests_of;
use super::grade_condition::details;
use super::notification::{DutyOnFile, notifications};
use super::referrals::{Referral, referral_of};
use super::treatment::{SESSION_FACTS, sessions_of};
use crate::ZONE;
use crate::store::orders::{Condition, Order, OrderVersion};
use crate::store::{StoreError, Tx, facts, providers};

/// Who treats, and when next.
#[derive(Debug, Clone)]
pub struct TreatmentText {
    pub provider_name: Option<String>,
    pub provider_contact: Option<String>,
    pub programme: String,
    pub referral: Referral,
    pub next_session: Option<Window>,
    pub next_place: Option<String>,
    pub in_words: String,
}

/// What is asked of devices.
#[derive(Debug, Clone)]
pub struct DeviceText {
    pub open_requests: usize,
    /// Of those that are open and proved communicated.
    pub next_due_at: Option<Instant>,
    pub in_words: String,
}

/// What is owed to be notified.
#[derive(Debug, Clone)]
pub struct NotificationText {
    /// Of what is still to be told.
    pub next_closes_at: Option<Instant>,
    /// One sentence for each duty, and why others are not owed.
    pub in_words: Vec<String>,
}

pub fn treatment_text(
    tx: &mut Tx<'_>,
    order: &Order,
    (version, condition): (&OrderVersion, &Condition),
    now: Instant,
) -> Result<Option<TreatmentText>, StoreError> {
    if condition.kind != ConditionKind::Treatment {
        return Ok(None);
    }
    let said = details(condition)?.treatment;
    let mut sessions = sessions_of(facts::of_order(tx, order.id, &SESSION_FACTS)?)?;
    sessions.retain(|session| session.label == condition.label);
    let next = sessions
        .iter()
        .find(|session| now < session.session.window.closes_at && session.is_to_be_attended(order));
    let by_session = next.or(sessions.last()).map(|session| session.provider);
    let provider = match (by_session, &said) {
        (Some(id), _) => providers::find(tx, id)?,
        (None, Some(said)) => providers::find_by_code(tx, &said.provider)?,
        (None, None) => None,
    };
    let programme = next.map(|session| session.programme.clone());
    let programme = programme.filter(|programme| !programme.is_empty());
    let programme = programme.or(said.map(|said| said.programme)).unwrap_or_default();
    let referral = referral_of(tx, order, (version, condition))?;
    let who = provider.as_ref().map_or("a provider that is not named yet", |it| &it.name);
    let what = if programme.is_empty() { "treatment".to_owned() } else { programme.clone() };
    let when = match next {
        Some(session) => format!("Next: {}, {}.", session.in_words(), session.place),
        None => "No session is arranged.".to_owned(),
    };
    let referred = match (referral.is_made, referral.due_at) {
        (true, _) => String::new(),
        (false, Some(due_at)) if due_at <= now => format!(
            " The police have not referred the subject; that was due by {} and is not the \
             subject's fault.",
            due_at.in_words(ZONE)
        ),
        (false, _) => " The police have not referred the subject yet.".to_owned(),
    };
    Ok(Some(TreatmentText {
        in_words: format!("{what} at {who}. {when}{referred}"),
        provider_name: provider.as_ref().map(|provider| provider.name.clone()),
        provider_contact: provider.map(|provider| provider.contact),
        programme,
        referral,
        next_session: next.map(|session| session.session.window),
        next_place: next.map(|session| session.place.clone()),
    }))
}

/// Of a condition that is about devices, or under which one was asked for.
pub fn device_text(
    tx: &mut Tx<'_>,
    order: &Order,
    condition: &Condition,
    now: Instant,
) -> Result<Option<DeviceText>, StoreError> {
    let mut requests = requests_of(tx, order.id, now)?;
    requests.retain(|request| request.body.condition_label == condition.label);
    if condition.kind != ConditionKind::DevicePresentation && requests.is_empty() {
        return Ok(None);
    }
    let waiting = requests.iter().filter(|it| it.finding.state == RequestState::Waiting);
    let next_due_at = waiting.filter_map(|it| it.finding.due_at).min();
    let open_requests = requests.iter().filter(|it| it.is_open()).count();
    let open = match (open_requests, next_due_at) {
        (0, _) => "No request is open.".to_owned(),
        (count, Some(due_at)) => {
            format!("Requests open: {count}, the next by {}.", due_at.in_words(ZONE))
        }
        (count, None) => format!("Requests open: {count}; look at each in the list of devices."),
    };
    let in_words = format!("Devices are shown to an officer when asked for. {open}");
    Ok(Some(DeviceText { open_requests, next_due_at, in_words }))
}

pub fn notification_text(
    tx: &mut Tx<'_>,
    order: &Order,
    now: Instant,
) -> Result<NotificationText, StoreError> {
    let found = notifications(tx, order, now)?;
    let open = found.duties.iter().filter(|it| it.settled.state == DutyState::Open);
    let next_closes_at = open.map(|it| it.duty.deadline.closes_at).min();
    let duties = found.duties.iter().map(duty_in_words);
    let not_owed = found.not_owed.iter().map(|reason| reason.says.clone());
    Ok(NotificationText { next_closes_at, in_words: duties.chain(not_owed).collect() })
}

fn duty_in_words(on_file: &DutyOnFile) -> String {
    let what = match &on_file.duty.cause {
        Cause::Initial => "Every name used and the home address",
        Cause::ExemptionEnded(_) => {
            "Every name used and the home address, because another regime has ended"
        }
        Cause::Periodic => "Every name used and the home address, once more",
        Cause::Changed { duty: ChangeDuty::Name, .. } => "A name that was not notified before",
        Cause::Changed { duty: ChangeDuty::CeasedToHaveHome, .. } => "Having no home any more",
        Cause::Changed { duty: ChangeDuty::HomeAddress, .. } => "The new home address",
        Cause::Changed { .. } => "The address of a stay elsewhere",
    };
    let arithmetic = &on_file.duty.deadline.arithmetic;
    let told = on_file.settled.given_at.map(|at| at.in_words(ZONE)).unwrap_or_default();
    let state = match on_file.settled.state {
        DutyState::Open => "to be told to the police in person".to_owned(),
        DutyState::Complied => format!("told on {told}"),
        DutyState::Late => format!("told late, on {told}"),
        DutyState::Failed => "not on record as told: suspected, a person decides".to_owned(),
        DutyState::NotKnown => "whether it was told is not known: look for the paper".to_owned(),
    };
    format!("{what}: {state} ({arithmetic}).")
}
