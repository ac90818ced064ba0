//! Devices of four subjects: one who presents them, one who is asked, one who lets the time pass, and
//! one whom the request may not have reached and who has a telephone that nobody was told of.

use compliance::Instant;
use compliance::device::{Answer, Examination, ExaminationMethod, InspectionCheck, Registered};
use compliance::instant::{HOUR_MS, MINUTE_MS};
use compliance::word::Word;

use super::calendar::Calendar;
use super::force::reference;
use super::script::Scene;
use crate::identity::Identity;
use crate::operations::Actor;
use crate::operations::devices::{
    AnswerBody, CommunicationBody, DeviceBody, ExaminationBody, OfRequest, RequestBody,
    record_examination, record_presentation_answer, record_request_communication, register_device,
    request_presentation,
};
use crate::operations::order_life::Event;
use crate::refusal::Refusal;
use crate::store::Tx;
use crate::store::id::FactId;
use crate::store::orders::Order;

/// Their orders have rules on internet use.
const PRESENTS: usize = 10;
const IS_ASKED: usize = 25;
const LETS_IT_PASS: usize = 40;
const NOT_REACHED: usize = 55;
/// The condition with the rules.
pub const LABEL: &str = "P4";

pub fn has_rules(number: usize) -> bool {
    [PRESENTS, IS_ASKED, LETS_IT_PASS, NOT_REACHED].contains(&number)
}

pub fn scenes(identity: &Identity, calendar: Calendar) -> Vec<Scene> {
    let mut scenes = presents(identity, calendar);
    scenes.extend(is_asked(identity, calendar));
    scenes.extend(lets_it_pass(identity, calendar));
    scenes.extend(not_reached(identity, calendar));
    scenes
}

fn event(order: &Order, record: FactId, actor: &Actor) -> Event {
    Event { order: order.id, record, happened_at: actor.now }
}

fn device(kind: &str, description: &str, identifiers: &[(&str, &str)]) -> DeviceBody {
    let owned = |(kind, text): &(&str, &str)| ((*kind).to_owned(), (*text).to_owned());
    DeviceBody {
        kind: kind.to_owned(),
        description: description.to_owned(),
        identifiers: identifiers.iter().map(owned).collect(),
        registered: Registered::DeclaredBySubject.to_string(),
    }
}

fn declares(
    (identity, at): (&Identity, Instant),
    number: usize,
    calendar: Calendar,
    body: DeviceBody,
) -> (FactId, Scene) {
    let id: FactId = identity.id(at);
    let scene = Scene::new(at, reference(calendar.begins_on, number), move |tx, actor, order| {
        let of = event(order, id, actor);
        register_device(tx, actor, of, (Registered::DeclaredBySubject, body.clone())).map(drop)
    });
    (id, scene)
}

/// Asked for now, and made known at once.
struct Asked {
    id: FactId,
    device: Option<FactId>,
    due_at: Option<Instant>,
    method: &'static str,
    proof: &'static str,
}

impl Asked {
    fn ask(&self, tx: &mut Tx<'_>, actor: &Actor, order: &Order) -> Result<(), Refusal> {
        let body = RequestBody {
            device: self.device,
            due_at: self.due_at.map(Instant::ms),
            condition_label: LABEL.to_owned(),
        };
        request_presentation(tx, actor, event(order, self.id, actor), body)?;
        let body =
            CommunicationBody { method: self.method.to_owned(), proof: self.proof.to_owned() };
        let record = actor.identity.id(actor.now);
        let of = OfRequest { request: self.id, record, happened_at: actor.now };
        record_request_communication(tx, actor, of, body).map(drop)
    }

    fn scene(self, at: Instant, number: usize, calendar: Calendar) -> Scene {
        let reference = reference(calendar.begins_on, number);
        Scene::new(at, reference, move |tx, actor, order| self.ask(tx, actor, order))
    }
}

fn presents(identity: &Identity, calendar: Calendar) -> Vec<Scene> {
    let declared_at = calendar.ago(80, 15 * HOUR_MS);
    let phone = device("phone", "Black Samsung, cracked corner", &[("imei", "352099001761481")]);
    let (phone, phone_scene) = declares((identity, declared_at), PRESENTS, calendar, phone);
    let laptop = device("computer", "Grey Lenovo laptop", &[("serial", "PF-2K81QX")]);
    let (_, laptop_scene) =
        declares((identity, declared_at + 5 * MINUTE_MS), PRESENTS, calendar, laptop);
    let asked_at = calendar.ago(20, 14 * HOUR_MS);
    let request: FactId = identity.id(asked_at);
    let asked =
        Asked { id: request, device: Some(phone), due_at: None, method: "in_person", proof: "" };
    let answered_at = asked_at + 25 * MINUTE_MS;
    let name = reference(calendar.begins_on, PRESENTS);
    let answered = Scene::new(answered_at, name.clone(), move |tx, actor, _| {
        let record = actor.identity.id(actor.now);
        let of = OfRequest { request, record, happened_at: actor.now };
        let note = "Fetched from home and handed over with its PIN.".to_owned();
        let body = AnswerBody { kind: "presented".to_owned(), note };
        record_presentation_answer(tx, actor, of, body).map(drop)
    });
    let examined = Scene::new(answered_at + HOUR_MS, name, move |tx, actor, order| {
        examine(tx, actor, order, phone)
    });
    let asked = asked.scene(asked_at, PRESENTS, calendar);
    vec![phone_scene, laptop_scene, asked, answered, examined]
}

/// By hand, in half an hour; nothing that the order does not want, but one thing not established.
fn examine(tx: &mut Tx<'_>, actor: &Actor, order: &Order, device: FactId) -> Result<(), Refusal> {
    let times = (actor.now + -45 * MINUTE_MS, actor.now + -15 * MINUTE_MS);
    let answers = InspectionCheck::ALL.iter().map(|check| match check {
        InspectionCheck::RetainsHistory => (*check, Answer::Yes),
        InspectionCheck::UndeclaredAccountFound => (*check, Answer::CouldNotTell),
        _ => (*check, Answer::No),
    });
    let answers: Vec<_> = answers.collect();
    let method = ExaminationMethod::ByHand;
    let by = actor.scope.account.uuid();
    let examination = Examination::new(times, by, method, &answers, None)
        .map_err(|refusal| Refusal::field("/answers", refusal.to_string()))?;
    let said = answers.iter().map(|(check, answer)| (check.to_string(), answer.to_string()));
    let body = ExaminationBody {
        device: Some(device),
        started_at: times.0.ms(),
        ended_at: times.1.ms(),
        method: method.to_string(),
        answers: said.collect(),
        finding: "History goes back to before the order. Nothing of note.".to_owned(),
        seized_as: None,
    };
    let of = Event { happened_at: times.1, ..event(order, actor.identity.id(actor.now), actor) };
    record_examination(tx, actor, of, (examination, body)).map(drop)
}

fn is_asked(identity: &Identity, calendar: Calendar) -> Vec<Scene> {
    let tablet = device("tablet", "White iPad, blue cover", &[("serial", "DMPX40QKHG5D")]);
    let declared_at = calendar.ago(70, 11 * HOUR_MS);
    let (tablet, declared) = declares((identity, declared_at), IS_ASKED, calendar, tablet);
    let asked_at = calendar.ago(1, 16 * HOUR_MS);
    let asked = Asked {
        id: identity.id(asked_at),
        device: Some(tablet),
        due_at: Some(calendar.ahead(2, 17 * HOUR_MS)),
        method: "in_person",
        proof: "",
    };
    vec![declared, asked.scene(asked_at, IS_ASKED, calendar)]
}

fn lets_it_pass(identity: &Identity, calendar: Calendar) -> Vec<Scene> {
    let declared_at = calendar.ago(60, 10 * HOUR_MS);
    let phone = device("phone", "Red Nokia", &[("imei", "356938035643809")]);
    let (_, phone) = declares((identity, declared_at), LETS_IT_PASS, calendar, phone);
    let account = device("account", "Photograph sharing", &[("account_name", "r_by_the_river")]);
    let (_, account) =
        declares((identity, declared_at + 5 * MINUTE_MS), LETS_IT_PASS, calendar, account);
    let asked_at = calendar.ago(5, 13 * HOUR_MS);
    let asked = Asked {
        id: identity.id(asked_at),
        device: None,
        due_at: Some(calendar.ago(1, 17 * HOUR_MS)),
        method: "by_phone",
        proof: "Recorded call; gave his date of birth and repeated the day and hour.",
    };
    vec![phone, account, asked.scene(asked_at, LETS_IT_PASS, calendar)]
}

fn not_reached(identity: &Identity, calendar: Calendar) -> Vec<Scene> {
    let declared_at = calendar.ago(50, 10 * HOUR_MS);
    let phone = device("phone", "Blue Motorola", &[("imei", "353328110789144")]);
    let (phone, declared) = declares((identity, declared_at), NOT_REACHED, calendar, phone);
    let asked_at = calendar.ago(3, 18 * HOUR_MS);
    let asked = Asked {
        id: identity.id(asked_at),
        device: Some(phone),
        due_at: Some(calendar.ago(1, 18 * HOUR_MS)),
        method: "left_at_address",
        proof: "",
    };
    let found_at = calendar.ago(1, 19 * HOUR_MS);
    let reference = reference(calendar.begins_on, NOT_REACHED);
    let found = Scene::new(found_at, reference, move |tx, actor, order| {
        let mut body = device("sim", "A SIM in a drawer", &[("number", "+447700900417")]);
        body.registered = Registered::Found.to_string();
        let of = event(order, actor.identity.id(actor.now), actor);
        register_device(tx, actor, of, (Registered::Found, body)).map(drop)
    });
    vec![declared, asked.scene(asked_at, NOT_REACHED, calendar), found]
}
