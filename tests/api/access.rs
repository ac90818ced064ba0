//! Who may ask for what about which case: every operation of the table, for every role, in every
//! relation to the case.

use compliance::Word;
use compliance::access::{Reach, Role};

use crate::harness::caller::{Answer, Caller, send};
use crate::harness::{eventually, on_each_database};
use crate::operations::{About, IN_PUBLIC, OPERATIONS, Operation};
use crate::scene::{REFERENCE, Request, Scene};

/// How the caller stands to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// It names a station where they work.
    OwnStation,
    /// They are the officer in it.
    Owned,
    /// It was opened to them by name.
    OpenedByName,
    /// They work elsewhere.
    OtherStation,
    /// They work where it would be, and it does not exist.
    NoSuchCase,
}

const RELATIONS: [Relation; 5] = {
    use Relation::{NoSuchCase, OpenedByName, OtherStation, OwnStation, Owned};
    [OwnStation, Owned, OpenedByName, OtherStation, NoSuchCase]
};

/// A cell of the table: the status, the slug of a refusal, and whether the case is in the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cell {
    status: u16,
    slug: &'static str,
    holds_case: Option<bool>,
}

fn expected(operation: &Operation, role: Role, relation: Relation) -> Cell {
    let refused = |status, slug| Cell { status, slug, holds_case: None };
    if operation.about == About::Provider {
        return refused(401, "not-signed-in");
    }
    if !operation.roles.contains(&role) {
        return refused(403, "role-may-not");
    }
    let sees_all = role.reach() == Reach::Everything;
    let knows_case = match relation {
        Relation::OwnStation | Relation::Owned | Relation::OpenedByName => true,
        Relation::OtherStation => sees_all,
        Relation::NoSuchCase => false,
    };
    let works_there = match relation {
        Relation::OwnStation => true,
        Relation::Owned | Relation::OpenedByName | Relation::OtherStation => sees_all,
        Relation::NoSuchCase => false,
    };
    let answered = |holds_case| Cell { status: operation.success, slug: "", holds_case };
    match operation.about {
        About::Itself => answered(None),
        // A list is asked of nothing in particular, so the case that does not exist is the one at hand.
        About::List => answered((relation != Relation::NoSuchCase).then_some(knows_case)),
        About::Station if works_there => answered(None),
        About::Case if knows_case => answered(None),
        About::Station | About::Case | About::Provider => refused(404, "not-found"),
    }
}

fn found(answer: &Answer, expected: &Cell) -> Cell {
    let slug = holdfast::http::problem::Kind::of_slug(&answer.slug()).map_or("", |it| it.slug());
    let holds_case = expected.holds_case.map(|_| answer.body.contains(REFERENCE));
    Cell { status: answer.status, slug, holds_case }
}

fn somebody<'a>(scene: &Scene<'a>, role: Role, relation: Relation) -> Caller<'a> {
    let app = scene.app;
    let stations = match relation {
        Relation::OwnStation | Relation::NoSuchCase => vec![app.station("ALD")],
        Relation::OtherStation => vec![app.station("HEX")],
        Relation::Owned | Relation::OpenedByName => vec![],
    };
    let account = app.account(&format!("{role}.{relation:?}"), role, &stations);
    let mut sql = app.sql();
    let id = sql.bytes(account.id.uuid().as_bytes());
    let order = sql.bytes(scene.ids["order_id"].as_bytes());
    match relation {
        Relation::Owned => sql.execute(&format!("UPDATE orders SET owner_id = {id}")),
        Relation::OpenedByName => sql.execute(&format!(
            "INSERT INTO account_orders (account_id, order_id) VALUES ({id}, {order})"
        )),
        _ => {}
    }
    Caller::new(app, account)
}

#[test]
fn every_operation_answers_every_role_in_every_relation_to_the_case_as_the_table_has_it() {
    on_each_database(|app| {
        let scene = Scene::set(app);
        let nothing = scene.of_nothing();
        for relation in RELATIONS {
            for role in Role::ALL {
                let caller = somebody(&scene, *role, relation);
                for operation in OPERATIONS {
                    let expected = expected(operation, *role, relation);
                    let is_there =
                        relation != Relation::NoSuchCase || operation.about == About::Itself;
                    let about = if is_there { &scene } else { &nothing };
                    let ask = || {
                        let request = about.request(operation, &caller);
                        Request { bearer: None, ..request }.sent_by(&caller)
                    };
                    let mut answer = ask();
                    if operation.id == "sync" && expected.holds_case == Some(true) {
                        answer = eventually(|| {
                            let answer = ask();
                            answer.body.contains(REFERENCE).then_some(answer)
                        });
                    }
                    let cell = format!("{} {role} {relation:?}: {answer:?}", operation.id);
                    assert_eq!(found(&answer, &expected), expected, "{cell}");
                    if operation.id == "sign_out" {
                        caller.sign_in_again();
                    }
                }
            }
        }
    });
}

#[test]
fn nobody_is_served_without_a_session() {
    on_each_database(|app| {
        let scene = Scene::set(app);
        let officer = app.officer_at("ALD");
        for operation in OPERATIONS.iter().filter(|it| !IN_PUBLIC.contains(&it.id)) {
            let request = scene.request(operation, &officer);
            for shown in [None, Some("Bearer AAAA"), Some("Bearer"), Some("x"), Some("Basic eDp4")]
            {
                let headers: Vec<_> =
                    shown.map(|shown| ("authorization", shown)).into_iter().collect();
                request.sent(app, &headers).refused("not-signed-in");
            }
        }
        let missing = send(app.address, ("GET", "/api/v1/nothing"), &[], None);
        missing.refused("not-found");
        send(app.address, ("POST", "/api/v1/me"), &[], None).refused("method-not-allowed");
    });
}
