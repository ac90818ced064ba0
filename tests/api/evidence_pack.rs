//! The evidence pack of a suspected breach: the same bytes each time, nothing in it that is not on file,
//! nothing for the defence that a person typed, and a change to any of it is found.

mod guess;
pub mod redaction;
mod sensitive;
mod tamper;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use compliance::access::Role;
use compliance::instant::HOUR_MS;
use holdfast::identity::{hex, sha256};
use holdfast::pack::check_pack;
use serde_json::{Value, json};

use crate::builders::{OneOrder, file, sign_on};
use crate::harness::caller::{Answer, Caller};
use crate::harness::{TestApp, on_each_database};
use crate::sealed_records::phone::Phone;
use crate::zones::{entry_with, order_id, prohibition};

/// The second window of the order is over.
const CLOSES_AT: &str = "2026-12-01T12:01:00Z";

pub type Files = BTreeMap<String, Vec<u8>>;

/// Takes an archive apart.
pub fn files_of(bytes: &[u8]) -> Files {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Files::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let (name, mut bytes) = (file.name().unwrap().into_owned(), Vec::new());
        file.read_to_end(&mut bytes).unwrap();
        files.insert(name, bytes);
    }
    files
}

#[track_caller]
pub fn json_of(files: &Files, name: &str) -> Value {
    serde_json::from_slice(&files[name]).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[track_caller]
pub fn text_of<'a>(files: &'a Files, name: &str) -> &'a str {
    std::str::from_utf8(&files[name]).unwrap()
}

/// The names of everybody are the same in each run, so that packs can be compared across databases.
pub struct Case<'a> {
    pub app: &'a TestApp,
    pub owner: Caller<'a>,
    pub officer: Caller<'a>,
    pub sergeant: Caller<'a>,
    pub id: String,
    pub alert: String,
}

fn order_of_case() -> Value {
    let mut other = prohibition("P1", "no_contact", Value::Null);
    other.as_object_mut().unwrap().remove("no_contact");
    entry_with(&OneOrder::owned_by("asha.mercer"), &[other])
}

impl<'a> Case<'a> {
    /// Terence Vane signed on on 24 November; on 1 December he did not, an excuse was claimed, and a
    /// breach is suspected.
    pub fn opened(app: &'a TestApp) -> Self {
        Self::opened_after(app, |_, _| {})
    }

    /// The same, and a sergeant records something of the order before the window that is missed.
    pub fn opened_after(app: &'a TestApp, before: impl FnOnce(&Caller<'a>, &str)) -> Self {
        app.import(&file(&[]));
        let station = app.station("ALD");
        let somebody = |name: (&str, &str), role, stations: &[_]| {
            Caller::new(app, app.account_of(name, role, stations))
        };
        let owner = somebody(("asha.mercer", "DC Asha Mercer"), Role::Owner, &[]);
        let officer = somebody(("lena.frost", "PC Lena Frost"), Role::Officer, &[station]);
        let sergeant = somebody(("dawn.pike", "Sgt Dawn Pike"), Role::Supervisor, &[station]);
        app.import(&file(&[order_of_case()]));
        app.clock.set("2026-11-24T10:20:00Z");
        app.sweep();
        let due = officer.get(&format!("/stations/{station}/due")).expect(200)["due"][0].clone();
        let body = sign_on(&due, station, "2026-11-24T10:15:00Z");
        let mut phone = Phone::new(app.new_id());
        phone.enrol(&officer).expect(201);
        let held = [phone.seal(app.new_id(), &body)];
        let asked = json!({ "cursor": null, "check_ins": held });
        let clock = [("phone-clock", "2026-11-24T10:20:00Z")];
        let synced = officer.send(("POST", "/sync"), &clock, Some(&asked)).expect(200);
        assert_eq!(synced["results"][0]["result"], "accepted");
        before(&sergeant, &order_id(app, "SPO/26/0001"));
        app.clock.set(CLOSES_AT);
        app.sweep();
        let missed = app.alerts().into_iter().find(|it| it.kind.to_string() == "missed_sign_on");
        let alert = missed.unwrap().id.to_string();
        let claim = json!({
            "ground": "in_hospital",
            "claimed_by": "relative",
            "words": "His sister rang: he is in hospital.",
            "happened_at": CLOSES_AT,
        });
        let path = format!("/alerts/{alert}/excuse-claims/{}", app.new_id());
        owner.put(&path, &claim).expect(201);
        app.clock.advance(HOUR_MS);
        let id = app.new_id().to_string();
        let body = json!({ "offence": "ST19001", "summary": "He was seen in town." });
        owner.put(&format!("/alerts/{alert}/breach-cases/{id}"), &body).expect(201);
        Self { app, owner, officer, sergeant, id, alert }
    }

    pub fn ask(&self, by: &Caller<'_>, query: &str) -> Answer {
        by.get(&format!("/breach-cases/{}/evidence-pack?{query}", self.id))
    }

    #[track_caller]
    pub fn pack(&self, query: &str) -> Vec<u8> {
        let answer = self.ask(&self.owner, query);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.bytes
    }

    pub fn decide(&self) {
        let path = format!("/breach-cases/{}/decisions/{}", self.id, self.app.new_id());
        let body = json!({
            "disposition": "arrested", "rank": "sergeant", "rationale": "The footage is clear.",
        });
        self.sergeant.put(&path, &body).expect(201);
    }
}

/// Changes rows that the pack is made of: calls a record a mistake, decides, varies, ends, hands on.
fn go_on(case: &Case<'_>, files: &Files) {
    let app = case.app;
    app.clock.advance(HOUR_MS);
    let wrong = json!({ "reason": "Confirmed for another person." });
    let receipt = json_of(files, "confirmations.json")[0]["receipt"].as_str().unwrap().to_owned();
    case.sergeant.put(&format!("/check-ins/{receipt}/supersession"), &wrong).expect(200);
    let claim = json_of(files, "excuse.json")["claims"][0]["record_id"].clone();
    let claim = claim.as_str().unwrap().to_owned();
    case.sergeant.put(&format!("/records/{claim}/supersession"), &wrong).expect(200);
    let order = json_of(files, "manifest.json")["case"]["order_id"].as_str().unwrap().to_owned();
    let ended = json!({ "happened_at": "2026-12-01T13:05:00Z", "reason": "discharged" });
    let path = format!("/orders/{order}/end/{}", app.new_id());
    case.owner.put(&path, &ended).expect(201);
    let path = format!("/alerts/{}/notes/{}", case.alert, app.new_id());
    case.owner.put(&path, &json!({ "note": "Seen again." })).expect(201);
    app.clock.advance(48 * HOUR_MS);
    app.sweep();
}

/// Names the first file that differs.
#[track_caller]
fn assert_same(case: &Case<'_>, queries: &[String; 2], packs: &[Vec<u8>; 2]) {
    for (query, pack) in queries.iter().zip(packs) {
        let now = case.pack(query);
        if now == *pack {
            continue;
        }
        let (now, then) = (files_of(&now), files_of(pack));
        for (name, bytes) in &then {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            assert_eq!(text(bytes), text(&now[name]), "{query} {name}");
        }
        panic!("{query}: the archives differ and their files do not");
    }
}

#[test]
fn the_same_position_gives_the_same_bytes_whatever_happens_afterwards_and_on_either_database() {
    let made: RefCell<Vec<[Vec<u8>; 2]>> = RefCell::default();
    on_each_database(|app| {
        let case = Case::opened(app);
        let profiles = ["profile=prosecution", "profile=disclosure"];
        let packs = profiles.map(|profile| case.pack(profile));
        assert_eq!(profiles.map(|profile| case.pack(profile)), packs, "asked again at once");
        let at = app.clock.now();
        let manifest = json_of(&files_of(&packs[0]), "manifest.json");
        let again = manifest["ask_again"].as_str().unwrap();
        let (path, _) = again.strip_prefix("/api/v1").unwrap().split_once('?').unwrap();
        assert_eq!(path, format!("/breach-cases/{}/evidence-pack", case.id));
        let seq = &manifest["ledger"]["seq"];
        let pinned = profiles.map(|it| format!("{it}&as_known_at={at}&ledger_seq={seq}"));
        let known = profiles.map(|it| format!("{it}&as_known_at={at}"));
        // At the very instant of the pack, and behind its position.
        case.decide();
        let at_the_instant = known.each_ref().map(|query| case.pack(query));
        assert_ne!(at_the_instant, packs);
        assert_same(&case, &pinned, &packs);
        go_on(&case, &files_of(&packs[0]));
        assert_ne!(case.pack(profiles[0]), at_the_instant[0]);
        assert_same(&case, &known, &at_the_instant);
        assert_same(&case, &pinned, &packs);
        let again = case.owner.get(again.strip_prefix("/api/v1").unwrap());
        assert_eq!(again.bytes, packs[0], "as the manifest says to ask");
        made.borrow_mut().push(packs);
    });
    let made = made.into_inner();
    assert_eq!(made[0], made[1], "the databases do not agree");
}

#[test]
fn a_pack_is_what_its_manifest_and_its_headers_say() {
    on_each_database(|app| {
        let case = Case::opened(app);
        for profile in ["prosecution", "disclosure"] {
            let answer = case.ask(&case.owner, &format!("profile={profile}"));
            let name = format!("SPO-26-0001-{profile}-2026-12-01.zip");
            let disposition = answer.header("content-disposition").unwrap();
            assert_eq!(disposition, format!("attachment; filename=\"{name}\""));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            let digest = answer.header("repr-digest").unwrap().to_owned();
            let files = files_of(&answer.bytes);
            let manifest = json_of(&files, "manifest.json");
            let listed = manifest["files"].as_array().unwrap();
            assert_eq!(listed.len() + 1, files.len());
            for entry in listed {
                let bytes = &files[entry["name"].as_str().unwrap()];
                assert_eq!(entry["sha256"], hex(&sha256(bytes)), "{entry}");
                assert_eq!(entry["bytes"], bytes.len(), "{entry}");
            }
            let checked = check_pack(&answer.bytes).unwrap();
            assert_eq!(checked.files, listed.len());
            use base64::Engine;
            let base64 = base64::engine::general_purpose::STANDARD;
            let expected = base64.encode(sha256(&answer.bytes));
            assert_eq!(digest, format!("sha-256=:{expected}:"));
            assert_eq!(checked.ledger.withheld > 0, profile == "disclosure");
            let readme = text_of(&files, "README.txt");
            let inputs = manifest["inputs_without_history"].as_array().unwrap();
            for input in inputs {
                assert!(readme.contains(&format!("- {}", input.as_str().unwrap())), "{input}");
            }
            let inputs = manifest["inputs_without_history"].to_string();
            for input in ["of stations", "opening hours", "court", "order was made", "intake"] {
                assert!(inputs.contains(input), "{input}: {inputs}");
            }
        }
    });
}

#[test]
fn the_making_of_a_pack_is_in_the_ledger_as_a_disclosure_and_not_in_the_pack() {
    on_each_database(|app| {
        let case = Case::opened(app);
        let auditor = app.somebody(Role::Auditor, &[]);
        let pack = case.pack("profile=disclosure&recipient=defence");
        let manifest = json_of(&files_of(&pack), "manifest.json");
        let order = manifest["case"]["order_id"].as_str().unwrap();
        let seq = manifest["ledger"]["seq"].as_i64().unwrap();
        let path = format!("/ledger-entries?chain=order:{order}");
        let entries = auditor.get(&path).expect(200)["entries"].clone();
        let (made, asked) = (&entries[0], &entries[1]);
        let at = app.clock.now();
        for (entry, act) in [(asked, "get_evidence_pack"), (made, "made_evidence_pack")] {
            assert_eq!(entry["act"], act);
            assert_eq!(entry["actor"], case.owner.account.id.to_string());
            assert_eq!(entry["object"], format!("breach_case:{}", case.id));
            assert_eq!(entry["detail"], format!("disclosure seq:{seq} at:{at} to:defence"));
        }
        assert_eq!(made["body_digest"], hex(&sha256(&pack)));
        assert_eq!(asked["seq"], seq + 1, "the pack ends before it");
    });
}

#[test]
fn a_pack_tells_what_is_on_file_both_ways() {
    on_each_database(|app| {
        let case = Case::opened(app);
        case.decide();
        let files = files_of(&case.pack("profile=prosecution"));
        let duty = json_of(&files, "obligation.json");
        assert_eq!(duty["window"]["opens_at"]["uk"], "Tue 1 Dec 2026, 10:00:00");
        assert_eq!(duty["state"], "missed");
        // By its hours ALD is shut on Tuesdays.
        assert_eq!(duty["station_opening"]["window"]["open_for"], "closed");
        assert_eq!(duty["station_opening"]["may_be_a_fault_of_the_police"], true);
        assert_eq!(duty["at_the_failure"]["order_was_served_before"], true);
        let history = text_of(&files, "history.csv");
        let rows: Vec<&str> = history.lines().collect();
        assert_eq!(rows.len(), 3, "{history}");
        assert!(rows[1].contains("fulfilled,on time,compliant,confirmed"), "{history}");
        assert!(rows[2].contains("missed,not attended,non compliant"), "{history}");
        let confirmation = json_of(&files, "confirmations.json")[0].clone();
        let clocks = ["attended_by_the_phones_clock", "received_by_the_servers_clock"];
        let clocks = clocks.map(|clock| confirmation[clock]["at"].as_str().unwrap().to_owned());
        assert_eq!(clocks, ["2026-11-24T10:15:00.000Z", "2026-11-24T10:20:00.000Z"]);
        assert_eq!(confirmation["confirmed_by"], "PC Lena Frost");
        let seal = &confirmation["signed_by_the_phone"];
        assert_eq!((&seal["number"], &seal["held"]), (&json!(1), &json!(true)));
        assert_eq!(seal["time_of_the_service_that_was_signed"], "absent");
        let versions = json_of(&files, "order/versions.json");
        assert_eq!(versions["versions"][0]["was_in_force_at_the_failure"], true);
        assert_eq!(
            json_of(&files, "order/service.json")["says"],
            "It was served before the failure."
        );
        let excuse = json_of(&files, "excuse.json");
        assert_eq!(excuse["claims"][0]["words"], "His sister rang: he is in hospital.");
        let steps = json_of(&files, "decisions.json")["steps"].clone();
        assert_eq!(steps[0]["disposition"], "arrested");
        assert_eq!(steps[0]["recorded_by"], "Sgt Dawn Pike");
        let told = json_of(&files, "chronology.json");
        let told = told.as_array().unwrap();
        let times: Vec<&str> = told.iter().map(|it| it["at"].as_str().unwrap()).collect();
        assert!(times.is_sorted(), "{times:?}");
        // At one instant a cause stands before what followed from it.
        let place = |kind: &str| told.iter().position(|it| it["kind"] == kind).unwrap();
        assert!(place("window_closed") < place("missed"), "{told:?}");
        assert!(place("breach_case_opened") < place("breach_decided"), "{told:?}");
        let printed = pdf_extract::extract_text_from_mem(&files["chronology.pdf"]).unwrap();
        let flat = |text: &str| text.split_whitespace().collect::<String>();
        for says in
            ["Chronology: SPO/26/0001", "Missed sign-on found", "Page 1 of 1", "Sgt Dawn Pike"]
        {
            assert!(flat(&printed).contains(&flat(says)), "{says}: {printed}");
        }
    });
}

#[test]
fn a_draft_statement_says_what_is_on_file_and_is_never_signed() {
    on_each_database(|app| {
        let case = Case::opened(app);
        let files = files_of(&case.pack("profile=prosecution"));
        let drafts: Vec<&String> =
            files.keys().filter(|name| name.starts_with("statements/")).collect();
        let expected = ["MG11-draft-00-dc-asha-mercer.txt", "MG11-draft-01-pc-lena-frost.txt"];
        let expected = expected.map(|name| format!("statements/{name}"));
        assert_eq!(drafts, expected.iter().collect::<Vec<_>>());
        let draft = text_of(&files, &expected[1]);
        for says in [
            "DRAFT - NOT SIGNED",
            "STATEMENT OF:            PC Lena Frost",
            "RANK AND COLLAR NUMBER:  [TO BE COMPLETED",
            "By the phone's clock: Tue 24 Nov 2026, 10:15:00",
            "Received by the server: Tue 24 Nov 2026, 10:20:00",
            "Identity, as recorded: photo on file; result: match",
            "SIGNATURE:  [NOT SIGNED]",
        ] {
            assert!(draft.contains(says), "{says}: {draft}");
        }
        for other in ["Asha Mercer", "Dawn Pike", "hospital", "seen in town", "1 Dec"] {
            assert!(
                !draft.contains(other),
                "{other} is nothing that the officer recorded: {draft}"
            );
        }
        // Every time in it is one of the record.
        let times: Vec<&str> =
            draft.split_whitespace().filter(|it| it.matches(':').count() == 2).collect();
        let known = ["10:15:00", "10:20:00", "10:14:55"];
        for time in times {
            let time = time.trim_end_matches(['.', ',']);
            assert!(known.contains(&time), "{time}: {draft}");
        }
        let disclosed = files_of(&case.pack("profile=disclosure"));
        assert!(
            disclosed.keys().all(|name| !name.starts_with("statements/")),
            "drafts are not served"
        );
    });
}

#[test]
fn what_became_of_a_duty_is_told_as_it_was_known_and_not_as_it_is() {
    on_each_database(|app| {
        let case = Case::opened(app);
        let order = order_id(app, "SPO/26/0001");
        // The next window is over and nobody has looked yet.
        app.clock.set("2026-12-08T12:30:00Z");
        let ask = |at: &str, seq: &Value| {
            case.pack(&format!("profile=prosecution&as_known_at={at}&ledger_seq={seq}"))
        };
        let became = |pack: &[u8]| {
            let files = files_of(pack);
            let last = text_of(&files, "history.csv").lines().last().unwrap().to_owned();
            last.split(',').nth(6).unwrap().to_owned()
        };
        let position =
            |pack: &[u8]| json_of(&files_of(pack), "manifest.json")["ledger"]["seq"].clone();
        let (pack, at) = (case.pack("profile=prosecution"), app.clock.now().to_rfc3339());
        assert_eq!(became(&pack), "not judged");

        let ended = json!({ "happened_at": "2026-12-08T09:00:00Z", "reason": "discharged" });
        let record = app.new_id();
        case.owner.put(&format!("/orders/{order}/end/{record}"), &ended).expect(201);
        assert_eq!(ask(&at, &position(&pack)), pack, "its end was not known");
        app.clock.advance(HOUR_MS);
        let (after, later) = (case.pack("profile=prosecution"), app.clock.now().to_rfc3339());
        assert_eq!(became(&after), "not asked for");

        app.clock.advance(HOUR_MS);
        let wrong = json!({ "reason": "It was another order." });
        case.sergeant.put(&format!("/records/{record}/supersession"), &wrong).expect(200);
        app.sweep();
        assert_eq!(became(&case.pack("profile=prosecution")), "missed");
        assert_eq!(ask(&later, &position(&after)), after, "its end was known");
        assert_eq!(ask(&at, &position(&pack)), pack);
    });
}

/// What was done under the first version is not asked for by the second, until it was not done after
/// all.
#[test]
fn a_duty_that_was_put_on_file_later_is_in_no_pack_of_before() {
    on_each_database(|app| {
        let case = Case::opened_after(app, |_, _| {
            let longer = OneOrder { opens: "09:00", ..OneOrder::owned_by("asha.mercer") };
            let mut order = order_of_case();
            let versions = order["versions"].as_array_mut().unwrap();
            versions.push(longer.version(2, "2026-11-24T11:00:00Z"));
            app.clock.set("2026-11-24T11:00:00Z");
            app.import(&file(&[order]));
            app.sweep();
        });
        let pack = case.pack("profile=prosecution");
        let files = files_of(&pack);
        let (at, seq) =
            (app.clock.now(), json_of(&files, "manifest.json")["ledger"]["seq"].clone());
        app.clock.advance(HOUR_MS);
        let receipt = json_of(&files, "confirmations.json")[0]["receipt"].clone();
        let path = format!("/check-ins/{}/supersession", receipt.as_str().unwrap());
        case.sergeant.put(&path, &json!({ "reason": "It was his brother." })).expect(200);
        app.sweep();
        let asked_after_all = "2026-11-24T09:00:00.000Z";
        let history = |pack: &[u8]| text_of(&files_of(pack), "history.csv").to_owned();
        assert!(history(&case.pack("profile=prosecution")).contains(asked_after_all));
        let again = case.pack(&format!("profile=prosecution&as_known_at={at}&ledger_seq={seq}"));
        assert_eq!(history(&again), history(&pack));
        assert!(again == pack, "another file than the history differs");
    });
}

#[test]
fn a_letter_that_cannot_be_seen_is_spelled_out_on_the_page() {
    on_each_database(|app| {
        let case = Case::opened(app);
        let path = format!("/alerts/{}/notes/{}", case.alert, app.new_id());
        let note = "Seen\u{feff}\u{ad}\u{202e}\u{2066}.";
        case.owner.put(&path, &json!({ "note": note })).expect(201);
        let files = files_of(&case.pack("profile=prosecution"));
        let printed = pdf_extract::extract_text_from_mem(&files["chronology.pdf"]).unwrap();
        let flat: String = printed.split_whitespace().collect();
        let says = "Seen<U+FEFF><U+00AD><U+202E><U+2066>.";
        assert!(flat.contains(says), "{printed}");
    });
}

#[test]
fn a_position_that_cannot_be_is_refused() {
    on_each_database(|app| {
        let case = Case::opened(app);
        let ask = |query: &str| case.ask(&case.owner, query);
        for query in [
            "",
            "profile=everything",
            "profile=prosecution&recipient=a.friend",
            "profile=prosecution&as_known_at=2026-12-02T00:00:00Z",
            "profile=prosecution&as_known_at=yesterday",
            "profile=prosecution&ledger_seq=0",
            "profile=prosecution&ledger_seq=99999",
            // Before the case was opened.
            "profile=prosecution&as_known_at=2026-12-01T12:30:00Z",
            "profile=prosecution&ledger_seq=1",
            "profile=prosecution&more=yes",
        ] {
            ask(query).refused("invalid-parameter");
        }
        case.ask(&case.officer, "profile=prosecution").refused("role-may-not");
        let elsewhere = app.supervisor_at("HEX");
        case.ask(&elsewhere, "profile=prosecution").refused("not-found");
        let alert = &case.alert;
        let path = format!("/breach-cases/{alert}/evidence-pack?profile=prosecution");
        case.owner.get(&path).refused("not-found");
    });
}
