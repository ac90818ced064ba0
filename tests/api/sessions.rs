//! Signing in, out, and being put out.

use compliance::instant::{HOUR_MS, MINUTE_MS};

use crate::builders::{self, OneOrder};
use crate::harness::caller::{Answer, Caller, send};
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{PASSWORD, TestApp, on_each_database};
use crate::operations::{About, IN_PUBLIC, OPERATIONS, Operation};
use crate::scene::{Request, Scene, credentials};

fn sign_in_with(
    app: &TestApp,
    (username, password): (&str, &str),
    carrier: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let body = Some(credentials(username, password, carrier));
    let (method, path) = ("POST".to_owned(), "/api/v1/session".to_owned());
    let request = Request { method, path, body, bearer: None };
    request.sent(app, headers)
}

fn sign_in(app: &TestApp, username: &str, password: &str) -> Answer {
    sign_in_with(app, (username, password), "bearer", &[])
}

/// What a browser sends from our own pages.
const OWN_PAGE: (&str, &str) = ("sec-fetch-site", "same-origin");

/// Signs in as a browser does; gives what it shows from then on.
fn cookie_of(caller: &Caller<'_>) -> String {
    let who = (caller.account.username.as_str(), PASSWORD);
    let answer = sign_in_with(caller.app, who, "cookie", &[OWN_PAGE]);
    let set = answer.header("set-cookie").unwrap().to_owned();
    assert_eq!(answer.json.get("token"), None, "a script could read it");
    answer.expect(201);
    let (shown, attributes) = set.split_once("; ").unwrap();
    assert!(shown.starts_with("__Host-holdfast=") && shown.len() > 50, "{set}");
    let mut attributes: Vec<&str> = attributes.split("; ").collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]);
    shown.to_owned()
}

fn me(app: &TestApp, cookie: &str) -> Answer {
    send(app.address, ("GET", "/api/v1/me"), &[("cookie", cookie)], None)
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

/// The phone still lies somewhere, and what arrives there is no longer for whoever has it.
#[test]
fn the_phones_of_an_account_that_was_disabled_are_told_of_nothing_any_more() {
    on_each_database(|app| {
        app.import(&builders::file(&[]));
        let (owner, administrator) = (app.owner(), app.administrator());
        let service = PushService::start();
        let _phone = Phone::of(&owner, &service);
        let other = app.supervisor_at("ALD");
        let its = Phone::of(&other, &service);
        let path = format!("/accounts/{}/disablement", owner.account.id);
        administrator.send(("PUT", &path), &[], None).expect(204);
        assert_eq!(app.count("push_subscriptions WHERE end_reason = 'account_disabled'"), 1);
        app.import(&OneOrder::owned_by(&owner.account.username).file());
        app.clock.set("2026-11-24T12:01:00Z");
        app.sweep();
        app.run_jobs();
        let told = service.take();
        assert!(!told.is_empty() && told.iter().all(|message| its.is_for(message)), "{told:?}");
    });
}

#[test]
fn a_browser_is_given_a_cookie_that_only_it_can_show_and_only_over_tls() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        let officer = app.officer_at("ALD");
        let cookie = cookie_of(&officer);

        assert_eq!(me(app, &cookie).expect(200)["account"]["username"], officer.account.username);
        // A session is good only the way it was begun.
        let token = cookie.split_once('=').unwrap().1;
        let bearer = format!("Bearer {token}");
        let as_bearer = [("authorization", bearer.as_str())];
        send(app.address, ("GET", "/api/v1/me"), &as_bearer, None).refused("not-signed-in");
        let as_cookie = format!("__Host-holdfast={}", officer.token());
        me(app, &as_cookie).refused("not-signed-in");
        me(app, "__Host-holdfast=").refused("not-signed-in");
        me(app, &format!("holdfast={token}")).refused("not-signed-in");
    });
}

#[test]
fn a_cookie_that_is_not_used_for_an_hour_is_good_for_nothing_and_one_in_use_for_half_a_day() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        let officer = app.officer_at("ALD");
        let idle = cookie_of(&officer);
        app.clock.advance(HOUR_MS - 1);
        me(app, &idle).expect(200);
        app.clock.advance(HOUR_MS);
        me(app, &idle).refused("not-signed-in");

        let used = cookie_of(&officer);
        for _ in 0..(12 * 60 / 45 - 1) {
            app.clock.advance(45 * MINUTE_MS);
            me(app, &used).expect(200);
        }
        app.clock.advance(45 * MINUTE_MS - 1);
        me(app, &used).expect(200);
        app.clock.advance(1);
        me(app, &used).refused("not-signed-in");
    });
}

#[test]
fn a_token_is_good_for_half_a_day_used_or_not() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        let officer = app.officer_at("ALD");
        let bearer = format!("Bearer {}", officer.token());
        let me = || send(app.address, ("GET", "/api/v1/me"), &[("authorization", &bearer)], None);
        app.clock.advance(12 * HOUR_MS - 1);
        me().expect(200);
        app.clock.advance(1);
        me().refused("not-signed-in");
    });
}

#[test]
fn signing_out_ends_the_session_and_takes_the_cookie_back() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        let officer = app.officer_at("ALD");
        let (cookie, other) = (cookie_of(&officer), cookie_of(&officer));

        let headers = [("cookie", cookie.as_str()), OWN_PAGE];
        let answer = send(app.address, ("DELETE", "/api/v1/session"), &headers, None);

        let set = answer.header("set-cookie").unwrap().to_owned();
        answer.expect(204);
        assert!(set.starts_with("__Host-holdfast=;") && set.contains("Max-Age=0"), "{set}");
        me(app, &cookie).refused("not-signed-in");
        me(app, &other).expect(200);
    });
}

/// What a page of somebody else can make a browser send, and what no browser of today sends.
fn from_elsewhere(app: &TestApp) -> Vec<Vec<(&'static str, String)>> {
    let header = |name, value: &str| (name, value.to_owned());
    let host = app.address.to_string();
    vec![
        vec![],
        vec![header("sec-fetch-site", "cross-site")],
        vec![header("sec-fetch-site", "same-site")],
        vec![header("sec-fetch-site", "anything")],
        vec![header("origin", "https://elsewhere.example")],
        vec![header("origin", "null")],
        vec![header("origin", &host)],
        vec![header("origin", &format!("https://{host}.elsewhere.example"))],
        vec![header("origin", &format!("https://elsewhere.example/{host}"))],
        // The browser's own word goes over what the page can influence.
        vec![header("sec-fetch-site", "cross-site"), header("origin", &format!("https://{host}"))],
    ]
}

/// What a browser adds by itself opens nothing here: a provider shows a link's token, and whoever uses
/// the public form shows nothing, and a service worker shows a message's token. Another site's page cannot send them JSON without asking first.
fn takes_no_cookie(operation: &Operation) -> bool {
    let shows_no_session =
        matches!(operation.id, "submit_concern" | "follow_concern" | "record_receipt");
    operation.about == About::Provider || shows_no_session
}

#[test]
fn what_changes_something_is_refused_when_another_sites_page_has_the_browser_send_it() {
    on_each_database(|app| {
        let scene = Scene::set(app);
        let origin = format!("https://{}", app.address);
        let writes = OPERATIONS.iter().filter(|it| it.described().method != "GET");
        for operation in writes.filter(|it| !takes_no_cookie(it)) {
            let caller = app.somebody(operation.roles[0], &["ALD"]);
            let mut cookie = cookie_of(&caller);
            let mut request = scene.request(operation, &caller);
            if operation.id == "sign_in" {
                request.body.as_mut().unwrap()["carrier"] = "cookie".into();
            }
            let ask = |cookie: &str, headers: &[(&str, String)]| {
                let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
                let headers: Vec<_> = headers.chain([("cookie", cookie)]).collect();
                request.sent(app, &headers)
            };
            for headers in from_elsewhere(app) {
                let answer = ask(&cookie, &headers);
                assert_eq!(answer.slug(), "cross-site", "{} {headers:?}", operation.id);
                assert_eq!(answer.header("set-cookie"), None);
            }
            let from_here = [("sec-fetch-site", "same-origin"), ("origin", origin.as_str())];
            for (name, value) in from_here {
                let answer = ask(&cookie, &[(name, value.to_owned())]);
                assert_eq!(answer.status, operation.success, "{} {name}", operation.id);
                if operation.id == "sign_out" {
                    cookie = cookie_of(&caller);
                }
            }
        }
    });
}

#[test]
fn what_changes_nothing_is_answered_wherever_the_page_is_from() {
    on_each_database(|app| {
        let scene = Scene::set(app);
        let reads = OPERATIONS.iter().filter(|it| it.described().method == "GET");
        let reads = reads.filter(|it| !IN_PUBLIC.contains(&it.id));
        for operation in reads.filter(|it| !takes_no_cookie(it)) {
            let caller = app.somebody(operation.roles[0], &["ALD"]);
            let cookie = cookie_of(&caller);
            let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")];
            let answer = scene.request(operation, &caller).sent(app, &headers);
            assert_eq!(answer.status, operation.success, "{}: {answer:?}", operation.id);
            assert!(answer.header("access-control-allow-origin").is_none());
        }
    });
}
