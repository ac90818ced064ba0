//! Web push: what travels, and what happens when it does not arrive.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compliance::instant::{MINUTE_MS, SECOND_MS};
use holdfast::push::Push;
use holdfast::store::id::LeaseId;
use holdfast::store::jobs;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::nid::Nid;
use serde_json::{Value, json};

use crate::builders::OneOrder;
use crate::harness::caller::Caller;
use crate::harness::database::{Database, Kind};
use crate::harness::push_service::{Phone, PushService, Received};
use crate::harness::{TestApp, on_each_database, runtime};

/// The first window of an order that somebody owns has closed in silence.
fn missed(app: &TestApp, owner: &Caller<'_>) {
    app.import(&OneOrder::owned_by(&owner.account.username).file());
    app.clock.set("2026-11-24T12:01:00Z");
    assert_eq!(app.sweep().raised, 1);
}

fn with_owner(test: impl Fn(&TestApp, &Caller<'_>, &PushService)) {
    on_each_database(|app| {
        app.import(&crate::builders::file(&[]));
        // On the day itself, so that no phone is asked meanwhile whether it is there.
        app.clock.set("2026-11-24T09:00:00Z");
        test(app, &app.owner(), &PushService::start());
    });
}

/// Checks the signature of RFC 8292 and hands back what was signed.
fn signed_claims(message: &Received) -> Value {
    let credentials = message.header("authorization").strip_prefix("vapid ").unwrap();
    let part = |name: &str| {
        let found = credentials.split(',').find_map(|it| it.trim().strip_prefix(name));
        found.unwrap_or_else(|| panic!("{name} in {credentials}")).to_owned()
    };
    let (token, key) = (part("t="), URL_SAFE_NO_PAD.decode(part("k=")).unwrap());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let half = |bytes: &[u8]| BigNum::from_slice(bytes).unwrap();
    let signature =
        EcdsaSig::from_private_components(half(&signature[..32]), half(&signature[32..])).unwrap();
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let mut context = openssl::bn::BigNumContext::new().unwrap();
    let point = EcPoint::from_bytes(&group, &key, &mut context).unwrap();
    let key = EcKey::from_public_key(&group, &point).unwrap();
    let digest = openssl::sha::sha256(signed.as_bytes());
    assert!(signature.verify(&digest, &key).unwrap(), "the signature does not fit");
    let (_, claims) = signed.split_once('.').unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

#[test]
fn a_phone_gets_the_alerts_id_and_urgency_and_nothing_else() {
    with_owner(|app, owner, service| {
        let phone = Phone::of(owner, service);
        missed(app, owner);
        assert_eq!(app.count("jobs WHERE settled_at IS NULL"), 1);

        assert_eq!(app.run_jobs(), 1);

        let messages = service.take();
        assert_eq!(messages.len(), 1);
        let (message, alert) = (&messages[0], &app.alerts()[0]);
        let mut read = phone.read(message);
        let token = read.as_object_mut().unwrap().remove("receipt_token").unwrap();
        assert_eq!(token.as_str().unwrap().len(), 98);
        let (kind, receipt_url) = ("alert", "/api/v1/receipts");
        let expected = json!({
            "kind": kind, "alert_id": alert.id, "priority": "high", "receipt_url": receipt_url,
        });
        assert_eq!(read, expected);
        assert!(!alert.nobody_reachable);
        assert_eq!(message.header("content-encoding"), "aes128gcm");
        assert_eq!(message.header("ttl"), "3600");
        assert_eq!(message.header("urgency"), "high");
        let topic = message.header("topic");
        assert!((1..=32).contains(&topic.len()), "{topic}");
        let claims = signed_claims(message);
        // The origin; no real push service has a port in it, and the library leaves this one's out.
        assert_eq!(claims["aud"], "http://127.0.0.1");
        assert!(claims["sub"].as_str().unwrap().starts_with("mailto:"), "{claims}");
        assert!(claims["exp"].is_i64(), "{claims}");
        let key = owner.get("/push-key").expect(200);
        assert!(message.header("authorization").contains(key["public_key"].as_str().unwrap()));
    });
}

#[test]
fn what_was_taken_is_not_sent_again() {
    with_owner(|app, owner, service| {
        let _phone = Phone::of(owner, service);
        missed(app, owner);
        app.run_jobs();
        app.clock.advance(14 * MINUTE_MS);
        app.sweep();
        assert_eq!(app.run_jobs(), 0);
        assert_eq!(service.take().len(), 1);
        assert_eq!(app.count("deliveries WHERE status = 'accepted'"), 1);
    });
}

#[test]
fn a_phone_that_is_gone_is_struck_off_and_the_alert_goes_on_to_the_next() {
    for gone in ["410 Gone", "404 Not Found"] {
        with_owner(|app, owner, service| {
            let lost = Phone::of(owner, service);
            let supervisor = app.supervisor_at("ALD");
            let next = Phone::of(&supervisor, service);
            missed(app, owner);
            service.answers(gone);

            app.run_jobs();

            let messages = service.take();
            assert!(lost.is_for(&messages[0]));
            let alerts = app.alerts();
            let read: Vec<Value> =
                messages.iter().filter(|it| next.is_for(it)).map(|it| next.read(it)).collect();
            let missed = alerts.iter().find(|it| it.kind.to_string() == "missed_sign_on").unwrap();
            let wanted = json!(missed.id);
            assert!(read.iter().any(|it| it["alert_id"] == wanted), "{read:?}");
            assert!(!missed.nobody_reachable);
            assert_eq!(app.alert_kinds(), ["missed_sign_on", "phone_lost"]);
            assert_eq!(app.count("push_subscriptions WHERE end_reason = 'gone'"), 1);
            app.clock.advance(60 * MINUTE_MS);
            assert_eq!(app.run_jobs(), 0);
        });
    }
}

#[test]
fn an_alert_that_reaches_nobody_says_so() {
    with_owner(|app, owner, service| {
        let _lost = Phone::of(owner, service);
        missed(app, owner);
        assert!(!app.alerts()[0].nobody_reachable);
        service.answers("410 Gone");

        app.run_jobs();

        assert!(app.alerts().iter().all(|alert| alert.nobody_reachable));
        assert_eq!(service.take().len(), 1);
    });
}

#[test]
fn a_push_service_that_asks_for_time_gets_it() {
    with_owner(|app, owner, service| {
        let _phone = Phone::of(owner, service);
        missed(app, owner);
        service.answers("429 Too Many Requests\r\nRetry-After: 90");
        app.run_jobs();

        app.clock.advance(90 * SECOND_MS - 1);
        assert_eq!(app.run_jobs(), 0);
        app.clock.advance(1);
        assert_eq!(app.run_jobs(), 1);

        assert_eq!(service.take().len(), 2);
        assert_eq!(app.count("jobs WHERE outcome = 'accepted'"), 1);
    });
}

#[test]
fn a_push_service_that_fails_is_tried_again_ever_more_slowly_and_never_given_up() {
    with_owner(|app, owner, service| {
        let _phone = Phone::of(owner, service);
        missed(app, owner);
        for wait_s in [5, 10, 20, 40, 80, 160, 300, 300] {
            service.answers("500 Internal Server Error");
            assert_eq!(app.run_jobs(), 1, "before {wait_s} s");
            app.clock.advance(wait_s * SECOND_MS - 1);
            assert_eq!(app.run_jobs(), 0, "before {wait_s} s");
            app.clock.advance(1);
        }
        assert_eq!(app.run_jobs(), 1);
        assert_eq!(service.take().len(), 9);
        assert_eq!(app.count("deliveries WHERE status = 'failed_temporary'"), 8);
    });
}

#[test]
fn a_redirect_is_not_followed() {
    with_owner(|app, owner, service| {
        let _phone = Phone::of(owner, service);
        let elsewhere = PushService::start();
        missed(app, owner);
        service.answers(&format!("307 Temporary Redirect\r\nLocation: {}/x", elsewhere.origin()));

        app.run_jobs();

        assert_eq!(service.take().len(), 1);
        assert!(elsewhere.take().is_empty());
        assert_eq!(app.count("jobs WHERE settled_at IS NULL"), 1);
    });
}

#[test]
fn acknowledging_stops_what_is_still_to_be_sent() {
    with_owner(|app, owner, service| {
        let _phone = Phone::of(owner, service);
        missed(app, owner);
        let path = format!("/alerts/{}/acknowledgement", app.alerts()[0].id);
        owner.send(("PUT", &path), &[], None).expect(200);

        assert_eq!(app.run_jobs(), 0);
        app.clock.advance(60 * MINUTE_MS);
        assert_eq!(app.run_jobs(), 0);

        assert!(service.take().is_empty());
        assert_eq!(app.count("jobs WHERE outcome = 'acknowledged'"), 1);
    });
}

#[test]
fn a_job_whose_worker_died_is_run_again_when_its_lease_runs_out() {
    with_owner(|app, owner, service| {
        let _phone = Phone::of(owner, service);
        missed(app, owner);
        let (lease, now): (LeaseId, _) = (app.new_id().into(), app.clock.now());
        let leased = app.write(move |tx| jobs::lease(tx, (jobs::SEND_ALERT_PUSH, lease), now, 10));
        assert_eq!(leased.len(), 1);

        app.clock.advance(jobs::LEASE_MS - 1);
        assert_eq!(app.run_jobs(), 0);
        app.clock.advance(1);
        assert_eq!(app.run_jobs(), 1);

        assert_eq!(service.take().len(), 1);
        // The dead one comes back too late to say anything.
        let (id, now) = (leased[0].id.clone(), app.clock.now());
        assert!(!app.write(move |tx| jobs::settle(tx, &id, lease, "too late", now)));
    });
}

const HOSTILE: &[&str] = &[
    "",
    "fcm.googleapis.com",
    "//fcm.googleapis.com/x",
    "/fcm/send/x",
    "http://fcm.googleapis.com/fcm/send/x",
    "ftp://fcm.googleapis.com/x",
    "file:///etc/passwd",
    "gopher://fcm.googleapis.com/x",
    "javascript:alert(1)",
    "data:text/plain,x",
    "unix:/run/socket",
    "ws://fcm.googleapis.com/x",
    "wss://fcm.googleapis.com/x",
    "https://",
    "https:///x",
    "https://localhost/x",
    "https://localhost.localdomain/x",
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://127.0.1/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://0x7f.0.0.1/x",
    "https://0177.0.0.1/x",
    "https://017700000001/x",
    "https://0/x",
    "https://0.0.0.0/x",
    "https://10.0.0.1/x",
    "https://172.16.0.1/x",
    "https://192.168.0.1/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://0xa9fea9fe/latest/meta-data/",
    "https://2852039166/latest/meta-data/",
    "https://8.8.8.8/x",
    "https://[::]/x",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[::ffff:7f00:1]/x",
    "https://[::ffff:a9fe:a9fe]/x",
    "https://[fe80::1]/x",
    "https://[fc00::1]/x",
    "https://[2001:db8::1]/x",
    "https://[2606:4700::1111]/x",
    "https://user@fcm.googleapis.com/x",
    "https://user:secret@fcm.googleapis.com/x",
    "https://:secret@fcm.googleapis.com/x",
    "https://fcm.googleapis.com@evil.example/x",
    "https://fcm.googleapis.com:secret@evil.example/x",
    "https://evil.example\\@fcm.googleapis.com/x",
    "https://fcm.googleapis.com:8443/x",
    "https://fcm.googleapis.com:80/x",
    "https://fcm.googleapis.com:22/x",
    "https://fcm.googleapis.com/x#fragment",
    "https://fcm.googleapis.com/x#",
    "https://fcm.googleapis.com.evil.example/x",
    "https://evil.example/fcm.googleapis.com",
    "https://evil.example/?fcm.googleapis.com",
    "https://evil.example#fcm.googleapis.com",
    "https://evilfcm.googleapis.com/x",
    "https://x.fcm.googleapis.com/x",
    "https://googleapis.com/x",
    "https://storage.googleapis.com/x",
    "https://fcm.googleapis.com./x",
    "https://fcm-googleapis.com/x",
    "https://fcm.goog1eapis.com/x",
    "https://xn--fm-4ja.googleapis.com/x",
    "https://fcm.g\u{43e}\u{43e}gleapis.com/x",
    "https://fcm.googleapis.c\u{43e}m/x",
    "https://notify.windows.com/x",
    "https://notify.windows.com.evil.example/x",
    "https://evilnotify.windows.com/x",
    "https://x.evilnotify.windows.com/x",
    "https://x.notify.windows.com.evil.example/x",
    "https://notify.windows.com@evil.example/x",
    "https://windows.com/x",
    "https://push.services.mozilla.com/x",
    "https://updates.push.services.mozilla.com.evil.example/x",
    "https://mozilla.com/x",
    "https://push.apple.com/x",
    "https://x.web.push.apple.com/x",
    "https://web.push.apple.com.evil.example/x",
    "https://evil.example/x",
    "https://evil%2eexample/x",
    "https://fcm.googleapis.com%00.evil.example/x",
    "https://fcm.googleapis.com%2f@evil.example/x",
    "https://exa mple/x",
];

#[test]
fn nothing_is_sent_to_an_endpoint_that_is_no_known_push_service() {
    let database = Database::migrated(Kind::Sqlite);
    let app = TestApp::start(database);
    let mut config = crate::harness::config(&app.database).push;
    config.allow_loopback = false;
    let push = runtime().block_on(Push::start(&app.worker.store, config)).unwrap();
    assert!(HOSTILE.len() >= 60);
    let allowed: Vec<&&str> =
        HOSTILE.iter().filter(|endpoint| push.check_endpoint(endpoint).is_ok()).collect();
    assert!(allowed.is_empty(), "{allowed:?}");
    for real in [
        "https://fcm.googleapis.com/fcm/send/x:APA91b",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
        "https://web.push.apple.com/QAbc",
        "https://wns2-par02p.notify.windows.com/w/?token=x",
        "https://FCM.googleapis.com:443/fcm/send/x",
    ] {
        assert!(push.check_endpoint(real).is_ok(), "{real}");
    }
}

#[test]
fn a_hostile_endpoint_or_a_key_that_is_none_is_refused_by_field() {
    with_owner(|_, owner, service| {
        let phone = Phone::of(owner, service);
        let path = format!("/push-subscriptions/{}", owner.app.new_id());
        let mut body = phone.subscription();
        body["endpoint"] = json!("https://169.254.169.254/latest/meta-data/");
        let problem = owner.put(&path, &body).refused("invalid-field");
        assert_eq!(problem["errors"][0]["pointer"], "/endpoint");
        let mut body = phone.subscription();
        body["keys"]["p256dh"] = json!("AAAA");
        let problem = owner.put(&path, &body).refused("invalid-field");
        assert_eq!(problem["errors"][0]["pointer"], "/keys");
    });
}
