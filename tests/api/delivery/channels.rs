//! E-mail and the webhook: what they say, how they are signed, and what becomes of an alert when they fail.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use compliance::access::Role;
use compliance::delivery::Channel;
use compliance::instant::{MINUTE_MS, SECOND_MS};
use holdfast::mail::{Mail, MailConfig};
use holdfast::store::channels;
use holdfast::watchdog::outward;
use holdfast::webhook::{Webhook, WebhookConfig};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde_json::{Value, json};

use super::{alert_of, missed};
use crate::builders;
use crate::harness::caller::Caller;
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{TestApp, on_each_database, runtime};

/// A mail server on this machine: takes what it is given, and says of a mailbox what the test tells it to.
struct MailServer {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    /// What is said of the next recipients; 250 when there is nothing left.
    script: Vec<&'static str>,
    received: Vec<String>,
}

impl MailServer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let serves = shared.clone();
        // Ends with the process.
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let _hung_up = converse(stream, &serves);
            }
        });
        Self { address, shared }
    }

    fn says(&self, next: &'static str) {
        self.shared.lock().unwrap().script.push(next);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().unwrap().received)
    }
}

fn converse(stream: TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut say = stream;
    say.write_all(b"220 here\r\n")?;
    let mut message = String::new();
    while let Some(line) = lines.next() {
        let line = line?;
        let verb = line.split(' ').next().unwrap().to_uppercase();
        let answer = match verb.as_str() {
            "MAIL" => "250 go on".to_owned(),
            "RCPT" => {
                message.push_str(&format!("{line}\n"));
                let mut shared = shared.lock().unwrap();
                let next = (!shared.script.is_empty()).then(|| shared.script.remove(0));
                next.unwrap_or("250 go on").to_owned()
            }
            "DATA" => {
                say.write_all(b"354 go on\r\n")?;
                for line in lines.by_ref() {
                    let line = line?;
                    if line == "." {
                        break;
                    }
                    message.push_str(&format!("{line}\n"));
                }
                shared.lock().unwrap().received.push(std::mem::take(&mut message));
                "250 taken".to_owned()
            }
            "QUIT" => return say.write_all(b"221 bye\r\n"),
            _ => "250 here".to_owned(),
        };
        say.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The service with the two channels open, as its settings would open them.
struct Told<'a> {
    app: &'a TestApp,
    mail: MailServer,
    system: PushService,
    worker: holdfast::worker::Worker,
}

impl<'a> Told<'a> {
    fn by(app: &'a TestApp, open: &[Channel]) -> Self {
        let (mail, system) = (MailServer::start(), PushService::start());
        let here = "https://holdfast.force.example/".parse().unwrap();
        let server = format!("smtp://{}", mail.address);
        let from = "Holdfast <holdfast@force.example>";
        let mail_config = MailConfig::parse(&server, from, &here).unwrap();
        let url = outward(&format!("{}/hook", system.origin()), true).unwrap();
        let hook_config = WebhookConfig::new((url, true), SECRET, &here).unwrap();
        let mut worker = app.worker.clone();
        worker.mail = Some(Arc::new(Mail::new(&mail_config).unwrap()));
        worker.webhook = Some(Arc::new(Webhook::new(&hook_config).unwrap()));
        let open = open.to_vec();
        app.write(move |tx| channels::set(tx, &open));
        app.import(&builders::file(&[]));
        Self { app, mail, system, worker }
    }

    fn run_jobs(&self) {
        while runtime().block_on(self.worker.run_due()).unwrap() > 0 {}
    }

    fn address(&self, of: &Caller<'_>, email: &str) {
        let path = format!("/accounts/{}/email", of.account.id);
        let set = self.app.administrator().put(&path, &json!({ "email": email })).expect(200);
        assert_eq!(set["email"], email);
    }
}

#[test]
fn whoever_has_an_address_is_told_by_e_mail_and_it_names_nobody() {
    on_each_database(|app| {
        let told = Told::by(app, &[Channel::Email]);
        let owner = app.owner();
        told.address(&owner, "asha.mercer@force.example");
        missed(app, &owner, 1);
        let alert = app.alerts().remove(0);
        assert!(!alert.nobody_reachable, "e-mail is a way to tell somebody");
        told.run_jobs();
        let mails = told.mail.take();
        assert_eq!(mails.len(), 1);
        let mail = &mails[0];
        assert!(mail.contains("RCPT TO:<asha.mercer@force.example>"), "{mail}");
        assert!(mail.contains("From: Holdfast <holdfast@force.example>"), "{mail}");
        assert!(
            mail.contains("Subject: Holdfast, high: missed sign on, ALD Police Station"),
            "{mail}"
        );
        let link = format!("https://holdfast.force.example/officer/#/alert/{}", alert.id);
        assert!(mail.replace("=\n", "").replace("=3D", "=").contains(&link), "{mail}");
        assert!(mail.contains("Date: Tue, 24 Nov 2026 12:01:00"), "{mail}");
        for word in ["Vane", "Terence", "SPO/26"] {
            assert!(!mail.contains(word), "{mail}");
        }
        let delivery = alert_of(&owner, 0)["deliveries"][0].clone();
        assert_eq!(
            (&delivery["channel"], &delivery["status"]),
            (&json!("email"), &json!("accepted"))
        );
        assert_eq!(delivery["account_name"], owner.account.display_name);
        assert!(!delivery.to_string().contains("force.example"), "{delivery}");
        assert!(told.system.take().is_empty());
        assert_eq!(app.check(), [""; 0]);
    });
}

#[test]
fn mail_that_is_put_off_is_sent_again_as_the_same_message_and_a_mailbox_that_is_gone_passes_it_on()
{
    on_each_database(|app| {
        let told = Told::by(app, &[Channel::Email]);
        let (owner, control_room) = (app.owner(), app.somebody(Role::ControlRoom, &[]));
        told.address(&owner, "asha.mercer@force.example");
        missed(app, &owner, 1);
        told.mail.says("451 later: asha.mercer@force.example");
        told.run_jobs();
        assert!(told.mail.take().is_empty());
        let delivery = alert_of(&owner, 0)["deliveries"][0].clone();
        assert_eq!(delivery["status"], "failed_temporary");
        assert_eq!(delivery["detail"], "the mail server answered 451");
        told.address(&control_room, "room@force.example");
        told.mail.says("550 no such mailbox");
        app.clock.advance(5 * SECOND_MS);
        told.run_jobs();
        let mails = told.mail.take();
        assert_eq!(mails.len(), 2, "of the sign-on, and that the mailbox is gone");
        for mail in &mails {
            assert!(mail.contains("RCPT TO:<room@force.example>"), "{mail}");
        }
        assert_eq!(app.alert_kinds(), ["mailbox_lost", "missed_sign_on"]);
        let statuses: Vec<String> = alert_of(&owner, 0)["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["status"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(statuses, ["failed_temporary", "failed_permanent", "accepted"]);
        assert_eq!(app.alerts()[0].nobody_reachable_since, None);
    });
}

#[test]
fn nothing_is_planned_upon_e_mail() {
    on_each_database(|app| {
        let told = Told::by(app, &[Channel::Email]);
        let owner = app.owner();
        told.address(&owner, "asha.mercer@force.example");
        missed(app, &owner, 1);
        let supervisor = app.supervisor_at("ALD");
        let preflight = supervisor.get("/supervision/preflight").expect(200);
        assert_ne!(preflight["stations"][0]["gaps"], json!([]), "{preflight}");
    });
}

#[test]
fn an_address_is_the_administrators_to_set_and_must_be_one() {
    on_each_database(|app| {
        let owner = app.owner();
        let administrator = app.administrator();
        let path = format!("/accounts/{}/email", owner.account.id);
        let wrong = json!({ "email": "asha@force.example\r\nBcc: x@y.example" });
        let problem = administrator.put(&path, &wrong).refused("invalid-field");
        assert_eq!(problem["errors"][0]["pointer"], "/email");
        owner.put(&path, &json!({ "email": "me@force.example" })).refused("role-may-not");
        administrator.put(&path, &json!({ "email": "me@force.example" })).expect(200);
        let cleared = administrator.put(&path, &json!({ "email": null })).expect(200);
        assert_eq!(cleared["email"], Value::Null);
        assert_eq!(app.count("ledger_entries WHERE act = 'set_email'"), 2);
        assert_eq!(app.count("ledger_entries WHERE detail LIKE '%force.example%'"), 0);
    });
}

#[test]
fn another_system_is_told_of_each_step_with_a_signature_and_nobodys_name() {
    on_each_database(|app| {
        let told = Told::by(app, &[Channel::Webhook]);
        let service = PushService::start();
        let owner = app.owner();
        let _phone = Phone::of(&owner, &service);
        missed(app, &owner, 1);
        told.system.answers("500 Internal Server Error");
        told.run_jobs();
        app.clock.advance(5 * SECOND_MS);
        told.run_jobs();
        let calls = told.system.take();
        assert_eq!(calls.len(), 2);
        let ids = [0, 1].map(|number| calls[number].header("webhook-id").to_owned());
        assert_eq!(ids[0], ids[1], "the same message, told again");
        let call = &calls[1];
        let seconds = (app.clock.now().ms() / 1_000).to_string();
        assert_eq!(call.header("webhook-timestamp"), seconds);
        let body = String::from_utf8(call.body.clone()).unwrap();
        let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
        let key = PKey::hmac(&key).unwrap();
        let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
        signer.update(format!("{}.{seconds}.{body}", ids[1]).as_bytes()).unwrap();
        let signature = format!("v1,{}", STANDARD.encode(signer.sign_to_vec().unwrap()));
        assert_eq!(call.header("webhook-signature"), signature);
        let alert = app.alerts().remove(0);
        let expected = json!({
            "type": "alert.told",
            "timestamp": app.clock.now().to_rfc3339(),
            "data": {
                "alert_id": alert.id,
                "kind": "missed_sign_on",
                "severity": "high",
                "step": 1,
                "nobody_reachable": false,
                "station_name": "ALD Police Station",
                "url": format!("https://holdfast.force.example/officer/#/alert/{}", alert.id),
            },
        });
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
        let deliveries = alert_of(&owner, 0)["deliveries"].clone();
        let hooks: Vec<&Value> =
            deliveries.as_array().unwrap().iter().filter(|it| it["channel"] == "webhook").collect();
        assert_eq!(hooks.len(), 2);
        assert_eq!(hooks[0]["detail"], "the webhook answered 500");
        assert_eq!(
            (&hooks[1]["account_name"], &hooks[1]["status"]),
            (&Value::Null, &json!("accepted"))
        );
        assert_eq!(app.check(), [""; 0]);
    });
}

#[test]
fn that_another_system_took_it_says_nothing_of_a_person() {
    on_each_database(|app| {
        let told = Told::by(app, &[Channel::Webhook]);
        let owner = app.owner();
        missed(app, &owner, 1);
        told.run_jobs();
        assert_eq!(told.system.take().len(), 1);
        assert!(app.alerts()[0].nobody_reachable);
        app.clock.advance(5 * MINUTE_MS);
        app.sweep();
        told.run_jobs();
        assert_eq!(told.system.take().len(), 1);
        assert!(app.alerts()[0].nobody_reachable);
        assert_eq!(app.check(), [""; 0]);
    });
}

#[test]
fn a_channel_that_was_closed_meanwhile_ends_what_waits_for_it() {
    on_each_database(|app| {
        let told = Told::by(app, &[Channel::Email, Channel::Webhook]);
        let owner = app.owner();
        told.address(&owner, "asha.mercer@force.example");
        missed(app, &owner, 1);
        app.write(|tx| channels::set(tx, &[]));
        // The service itself has neither of the two.
        app.run_jobs();
        assert_eq!(app.count("jobs WHERE outcome = 'channel_closed'"), 2);
        assert!(app.alerts()[0].nobody_reachable, "never silent");
    });
}
