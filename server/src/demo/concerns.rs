//! Reports of concern, one in each state: through the public form this morning, to the control room, to
//! the counter; some investigated to their end, one that repeats another.

use compliance::Instant;
use compliance::access::Role;
use compliance::alert::Risk;
use compliance::concern_report::{InvestigativeAction, ReportOutcome, Reporter};
use compliance::instant::{HOUR_MS, MINUTE_MS};

use super::calendar::Calendar;
use super::force::reference;
use super::script::Scene;
use crate::identity::Identity;
use crate::operations::Actor;
use crate::operations::concerns::{
    Deed, NewAct, NewConcern, act_on_concern, record_concern, submit_concern,
};
use crate::refusal::Refusal;
use crate::store::concerns::ReporterDetails;
use crate::store::id::{AccountId, ConcernId, OrderId};
use crate::store::orders::Order;
use crate::store::scope::Scope;
use crate::store::{Tx, accounts, concerns};

/// Whom it is about, by the number of their order.
const IN_PUBLIC: usize = 1;
const NOT_LOOKED_AT: usize = 5;
const NOT_ALLOCATED: usize = 14;
const IS_INVESTIGATED: usize = 26;
const AWAITS_SIGN_OFF: usize = 33;
const AWAITS_UPDATE: usize = 43;
const IS_CLOSED: usize = 52;

pub fn scenes(identity: &Identity, calendar: Calendar) -> Vec<Scene> {
    let mut scenes = vec![in_public(calendar)];
    for course in courses(calendar) {
        scenes.extend(course.scenes(identity, calendar));
    }
    scenes
}

/// From somebody who has no account, and about whom nobody knows yet.
fn in_public(calendar: Calendar) -> Scene {
    let at = calendar.ago(0, 9 * HOUR_MS + 50 * MINUTE_MS);
    Scene::new(at, reference(calendar.begins_on, IN_PUBLIC), |tx, actor, _| {
        let told = Told {
            reporter: Reporter::Anonymous,
            words: "A man sits in a blue van in our street every evening and watches number 12.",
            risk: Risk::Standard,
            name: "",
        };
        let new = told.concern(actor.identity.id(actor.now), actor.now, None);
        let secret = actor.identity.secret().digest();
        submit_concern(tx, &actor.identity, &new, secret).map(drop)
    })
}

#[derive(Clone, Copy)]
struct Told {
    reporter: Reporter,
    words: &'static str,
    risk: Risk,
    name: &'static str,
}

impl Told {
    fn concern(self, id: ConcernId, at: Instant, order: Option<OrderId>) -> NewConcern {
        let contact = if self.name.is_empty() { "" } else { "07700 900461" };
        NewConcern {
            id,
            reporter: self.reporter,
            about: String::new(),
            words: self.words.to_owned(),
            happened_at: Some(at + -3 * HOUR_MS),
            place: "Near her home".to_owned(),
            reported_at: at,
            order,
            station: None,
            risk: self.risk,
            details: ReporterDetails {
                name: self.name.to_owned(),
                contact: contact.to_owned(),
                contact_safely: String::new(),
            },
        }
    }
}

/// A report, and what is done with it, an act every two hours.
struct Course {
    number: usize,
    at: Instant,
    told: Told,
    done: Vec<(Step, &'static str)>,
}

/// What is given to somebody, is given to whoever answers for the order.
#[derive(Clone, Copy)]
enum Step {
    Triage,
    Allocate,
    /// To the first report on the same order.
    LinkToFirst,
    Do(Deed),
}

const EVERY_MS: i64 = 2 * HOUR_MS;

impl Course {
    fn scenes(self, identity: &Identity, calendar: Calendar) -> Vec<Scene> {
        let Self { number, at, told, done } = self;
        let reference = reference(calendar.begins_on, number);
        let report: ConcernId = identity.id(at);
        let risk = told.risk;
        let mut scenes = vec![Scene::new(at, reference.clone(), move |tx, actor, order| {
            record_concern(tx, actor, &told.concern(report, actor.now, Some(order.id))).map(drop)
        })];
        let mut at = at;
        for (step, note) in done {
            at = at + EVERY_MS;
            scenes.push(Scene::new(at, reference.clone(), move |tx, actor, order| {
                do_step(tx, actor, order, (report, step, risk), note)
            }));
        }
        scenes
    }
}

fn do_step(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: &Order,
    (report, step, risk): (ConcernId, Step, Risk),
    note: &str,
) -> Result<(), Refusal> {
    let to = actor.scope.account;
    let deed = match step {
        Step::Triage => Deed::Triage { risk, order: None },
        Step::Allocate => Deed::Allocate { to },
        Step::LinkToFirst => {
            let first = concerns::of_order(tx, order.id)?.into_iter().next();
            Deed::Link { to: first.map_or(report, |first| first.concern.id) }
        }
        Step::Do(deed) => deed,
    };
    let new = NewAct { id: actor.identity.id(actor.now), deed, note: note.to_owned() };
    let is_investigated =
        matches!(deed, Deed::Investigate { .. } | Deed::Conclude { .. } | Deed::Update { .. });
    if is_investigated {
        return act_on_concern(tx, actor, report, &new);
    }
    let scope = overseer(tx, order, to)?.unwrap_or(actor.scope);
    act_on_concern(tx, &Actor { scope, ..actor.clone() }, report, &new)
}

/// A supervisor who may know of the order, other than whoever answers for it.
fn overseer(
    tx: &mut Tx<'_>,
    order: &Order,
    other_than: AccountId,
) -> Result<Option<Scope>, Refusal> {
    for account in accounts::all(tx)? {
        let scope = Scope { account: account.id, role: account.role };
        let is_overseer = account.role == Role::Supervisor && account.id != other_than;
        if is_overseer && scope.sees_order(tx, order.id)? {
            return Ok(Some(scope));
        }
    }
    Ok(None)
}

fn investigate(action: InvestigativeAction) -> Step {
    Step::Do(Deed::Investigate { action })
}

fn conclude(outcome: ReportOutcome) -> Step {
    Step::Do(Deed::Conclude { outcome })
}

/// How far each goes: the first so many of these.
fn way() -> Vec<(Step, &'static str)> {
    vec![
        (Step::Triage, "Not the first time that her street is named."),
        (Step::Allocate, "Speak to whoever reported first."),
        (investigate(InvestigativeAction::SpokeToReporter), "Will keep a diary from now on."),
        (conclude(ReportOutcome::NotEstablished), "Nobody else saw it, and no camera is there."),
        (Step::Do(Deed::SignOff { is_agreed: true }), ""),
        (Step::Do(Deed::Update { is_told: true }), "Rang; understands, and will call again."),
    ]
}

fn courses(calendar: Calendar) -> Vec<Course> {
    let course = |number, at, steps, (reporter, name, words)| {
        let told = Told { reporter, words, risk: Risk::Standard, name };
        Course { number, at, told, done: way().into_iter().take(steps).collect() }
    };
    let sister = "He has put a letter through my sister's door again.";
    let seen = "I saw him across the road from the school at half past three.";
    let (family, victim) = (Reporter::FamilyMember, Reporter::Victim);
    let firm = Reporter::Organisation;
    let follows = (victim, "Mara Voss", "He followed me to the bus stop this morning.");
    let mut in_danger = course(NOT_LOOKED_AT, calendar.ago(0, 8 * HOUR_MS), 0, follows);
    in_danger.told.risk = Risk::High;
    let rang = (firm, "Refuge on Mill Lane", "He rang our office for her address.");
    let again = (Reporter::Officer, "PC at the counter", sister);
    let mut repeats = course(IS_INVESTIGATED, calendar.ago(1, 12 * HOUR_MS), 2, again);
    repeats.done.push((Step::LinkToFirst, "Her sister told us the same."));
    let (first, school) = ((family, "Joan Abel", sister), (firm, "Ferry Road School", seen));
    let wrote = (victim, "Ida Brandt", "He wrote to me under another name.");
    vec![
        in_danger,
        course(NOT_ALLOCATED, calendar.ago(1, 17 * HOUR_MS), 1, rang),
        course(IS_INVESTIGATED, calendar.ago(2, 12 * HOUR_MS), 3, first),
        repeats,
        course(AWAITS_SIGN_OFF, calendar.ago(4, 9 * HOUR_MS), 4, (family, "Peter Lowe", seen)),
        course(AWAITS_UPDATE, calendar.ago(2, 8 * HOUR_MS), 5, school),
        course(IS_CLOSED, calendar.ago(31, 10 * HOUR_MS), 6, wrote),
    ]
}
