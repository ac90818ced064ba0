//! Signing in, out, and being put out.

use crate::builders::OneOrder;
use crate::harness::caller::Answer;
use crate::harness::{PASSWORD, TestApp, on_each_database};
use crate::scene::{Request, credentials};

fn sign_in(app: &TestApp, username: &str, password: &str) -> Answer {
    let body = Some(credentials(username, password, "bearer"));
    let request = Request { method: "POST".to_owned(), path: "/api/v1/session".to_owned(), body };
    request.sent(app, &[])
}

#[test]
fn an_account_signs_in_and_out_and_a_wrong_password_is_slowed_down() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        let officer = app.officer_at("ALD");
        let name = &officer.account.username;
        sign_in(app, name, PASSWORD).expect(201);
        for _ in 0..5 {
            sign_in(app, name, "not the password").refused("wrong-credentials");
        }
        sign_in(app, name, PASSWORD).refused("sign-in-locked");
        app.clock.advance(15_000);
        sign_in(app, name, PASSWORD).expect(201);
        sign_in(app, "nobody", PASSWORD).refused("wrong-credentials");

        officer.get("/me").expect(200);
        officer.delete("/session").expect(204);
        officer.get("/me").refused("not-signed-in");
    });
}

#[test]
fn an_account_that_was_disabled_is_out_at_once() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        let (officer, administrator) = (app.officer_at("ALD"), app.administrator());
        officer.get("/me").expect(200);
        let path = format!("/accounts/{}/disablement", officer.account.id);
        administrator.send(("PUT", &path), &[], None).expect(204);
        officer.get("/me").refused("not-signed-in");
        sign_in(app, &officer.account.username, PASSWORD).refused("wrong-credentials");
    });
}
