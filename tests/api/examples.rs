//! Replays every example of `mobile-api-spec/examples/` against the service, in the state that its
//! README describes. With `HOLDFAST_TEST_WRITE_EXAMPLES=yes` the answers' bodies are written anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use compliance::access::Role;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::harness::caller::{Answer, Caller};
use crate::harness::database::{Database, Kind};
use crate::harness::{TestApp, contract, eventually, on_each_database, repository};
use crate::operations::OPERATIONS;
use crate::scene::{Request, Scene};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    title: String,
    request: Sent,
    response: Received,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    method: String,
    path: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Received {
    status: u16,
    /// Those that matter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    body: Value,
}

fn folder() -> PathBuf {
    repository().join("mobile-api-spec/examples")
}

fn writes_anew() -> bool {
    std::env::var("HOLDFAST_TEST_WRITE_EXAMPLES").is_ok_and(|value| value == "yes")
}

/// What ids and `<words>` of one file stand for in this run.
struct Meanings {
    ids: BTreeMap<Uuid, Uuid>,
    words: BTreeMap<String, String>,
}

/// Answers' fields that are different in each run, and that nothing can be told from.
const OPAQUE: [&str; 8] =
    ["beacon", "token", "secret", "cursor", "public_key", "digest", "body_digest", "salt"];

/// Numbers that are measured, and so are different in each run too.
const MEASURED: [&str; 1] = ["sweep_took_ms"];

/// What ids that end in 1, 2, 3 … stand for; the README lists them too. New ones go to the end.
const NAMED: [&str; 13] = [
    "account_id",
    "station_id",
    "subject_id",
    "order_id",
    "obligation_id",
    "check_in_id",
    "alert_id",
    "provider_id",
    "session_id",
    "session_ahead_id",
    "notification_id",
    "finding_id",
    "group_id",
];

/// The id that stands for the `number`th thing.
fn example_id(number: u128) -> Uuid {
    Uuid::from_u128(0x019aaf6e_7c00_7000_8000_000000000000 + number)
}

/// A text in pieces: ids and what lies between them.
fn pieces(text: &str) -> Vec<Result<Uuid, &str>> {
    const LENGTH: usize = 36;
    let mut found = Vec::new();
    let (mut rest, mut at) = (text, 0);
    while at + LENGTH <= rest.len() {
        let id = rest.get(at..at + LENGTH).and_then(|part| Uuid::try_parse(part).ok());
        let Some(id) = id else {
            at += 1;
            continue;
        };
        let (before, from_id) = rest.split_at(at);
        found.extend([Err(before), Ok(id)]);
        (rest, at) = (from_id.split_at(LENGTH).1, 0);
    }
    found.push(Err(rest));
    found
}

impl Meanings {
    fn of(scene: &Scene<'_>, callers: &[(&str, Caller<'_>)]) -> Self {
        let numbered = (1..).zip(NAMED);
        let ids = numbered.map(|(number, name)| (example_id(number), scene.ids[name])).collect();
        let words = callers.iter().map(|(name, caller)| ((*name).to_owned(), caller.token()));
        let provider = ("provider".to_owned(), scene.provider_token.clone());
        Self { ids, words: words.chain([provider]).collect() }
    }

    /// As it is sent. An id that nothing has yet is the client's own.
    fn put_into(&mut self, text: &str) -> String {
        let mut real = String::new();
        for piece in pieces(text) {
            match piece {
                Ok(id) => real.push_str(&self.ids.entry(id).or_insert(id).to_string()),
                Err(text) => real.push_str(text),
            }
        }
        for (word, meaning) in &self.words {
            real = real.replace(&format!("<{word}>"), meaning);
        }
        real
    }

    /// What the service's id is called in the file.
    fn name_of(&mut self, real: Uuid) -> Uuid {
        let known = self.ids.iter().find(|(_, it)| **it == real);
        let next = (0x101..).map(example_id).find(|id| !self.ids.contains_key(id));
        let name = known.map_or(next.unwrap(), |(name, _)| *name);
        self.ids.insert(name, real);
        name
    }

    /// Whether the answer is the example's, learning what is new in it.
    fn is_text(&mut self, example: &str, real: &str) -> bool {
        let word = example.strip_prefix('<').and_then(|it| it.strip_suffix('>'));
        if let Some(word) = word {
            self.words.insert(word.to_owned(), real.to_owned());
            return true;
        }
        let (examples, reals) = (pieces(example), pieces(real));
        examples.len() == reals.len()
            && examples.iter().zip(reals).all(|pair| match pair {
                (Ok(example), Ok(real)) => *self.ids.entry(*example).or_insert(real) == real,
                (Err(example), Err(real)) => *example == real,
                _ => false,
            })
    }

    /// The places where the answer is not the example's.
    fn differences(&mut self, example: &Value, real: &Value, at: &str, found: &mut Vec<String>) {
        match (example, real) {
            (Value::Object(examples), Value::Object(reals)) => {
                let names: BTreeSet<&String> = examples.keys().chain(reals.keys()).collect();
                for name in names {
                    let [example, real] = [examples, reals].map(|it| it.get(name));
                    let at = format!("{at}/{name}");
                    match example.zip(real) {
                        Some((example, real)) => self.differences(example, real, &at, found),
                        None => found.push(format!("{at}: {example:?}, but {real:?}")),
                    }
                }
            }
            (Value::Array(examples), Value::Array(reals)) if examples.len() == reals.len() => {
                for (index, (example, real)) in examples.iter().zip(reals).enumerate() {
                    self.differences(example, real, &format!("{at}/{index}"), found);
                }
            }
            (Value::String(example), Value::String(real)) if self.is_text(example, real) => {}
            (example, real) if example == real => {}
            (Value::Number(_), Value::Number(_)) if MEASURED.iter().any(|it| at.ends_with(it)) => {}
            (example, real) => found.push(format!("{at}: {example}, but {real}")),
        }
    }

    /// The answer as it is written into the file.
    fn written(&mut self, real: &Value, name: &str) -> Value {
        match real {
            Value::Object(fields) => {
                let fields = fields.iter();
                fields.map(|(name, value)| (name.clone(), self.written(value, name))).collect()
            }
            Value::Array(items) => items.iter().map(|item| self.written(item, name)).collect(),
            Value::String(text) if OPAQUE.contains(&name) => {
                let word = name.replace('_', "-");
                self.words.insert(word.clone(), text.clone());
                Value::String(format!("<{word}>"))
            }
            Value::String(text) => {
                let pieces = pieces(text).into_iter();
                let named = pieces.map(|piece| match piece {
                    Ok(id) => self.name_of(id).to_string(),
                    Err(text) => text.to_owned(),
                });
                Value::String(named.collect())
            }
            Value::Number(_) if MEASURED.contains(&name) => Value::from(1),
            other => other.clone(),
        }
    }
}

/// Those who ask, besides PC Lena Frost at the counter.
fn callers<'a>(scene: &Scene<'a>) -> Vec<(&'static str, Caller<'a>)> {
    let app = scene.app;
    let station = app.station("ALD");
    let counter = {
        let id = scene.ids["account_id"].into();
        app.read(move |tx| holdfast::store::accounts::find(tx, id)).unwrap()
    };
    let new = |name, role, stations: &[_]| Caller::new(app, app.account_of(name, role, stations));
    vec![
        ("officer", Caller::new(app, counter)),
        ("supervisor", new(("rowan.kay", "Sgt Rowan Kay"), Role::Supervisor, &[station])),
        ("inspector", new(("ruth.adeyemi", "Insp. Ruth Adeyemi"), Role::Supervisor, &[station])),
        ("control_room", new(("control.1", "Control Room 1"), Role::ControlRoom, &[])),
        ("auditor", new(("ada.quist", "Ada Quist"), Role::Auditor, &[])),
        ("administrator", new(("ivo.lang", "Ivo Lang"), Role::Administrator, &[])),
    ]
}

fn replay(app: &TestApp, meanings: &mut Meanings, sent: &Sent) -> Answer {
    let put_into = |meanings: &mut Meanings, value: &Value| {
        serde_json::from_str(&meanings.put_into(&value.to_string())).unwrap()
    };
    let body = sent.body.as_ref().map(|body| put_into(meanings, body));
    let path = meanings.put_into(&sent.path);
    let headers = sent.headers.iter();
    let headers: Vec<(&str, String)> =
        headers.map(|(name, value)| (name.as_str(), meanings.put_into(value))).collect();
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Request { method: sent.method.clone(), path, body, bearer: None }.sent(app, &headers)
}

/// Sends what stands in a file. Gives the file as the answers would have it written, or says where
/// they differ from it.
fn replayed(app: &TestApp, path: &Path) -> Result<String, String> {
    let scene = Scene::set(app);
    let mut meanings = Meanings::of(&scene, &callers(&scene));
    let text = std::fs::read_to_string(path).unwrap();
    if text.contains("<receipt>") {
        meanings.words.insert("receipt".to_owned(), scene.receipt_token());
    }
    let mut exchanges: Vec<Exchange> =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for Exchange { title, request, response } in &mut exchanges {
        let about = format!("{}: {title}", path.display());
        let answer = replay(app, &mut meanings, request);
        let mut found = Vec::new();
        if answer.status != response.status {
            found.push(format!("{}, but {}: {}", response.status, answer.status, answer.body));
        }
        for (name, value) in &response.headers {
            let real = answer.header(&name.to_lowercase());
            if !real.is_some_and(|real| meanings.is_text(value, real)) {
                found.push(format!("{name}: {value}, but {real:?}"));
            }
        }
        if writes_anew() && app.database.kind == Kind::Sqlite {
            response.body = meanings.written(&answer.json, "");
        }
        meanings.differences(&response.body, &answer.json, "", &mut found);
        if !found.is_empty() {
            return Err(format!("{about}: {found:#?}"));
        }
    }
    Ok(serde_json::to_string_pretty(&exchanges).unwrap() + "\n")
}

fn check_file(path: &Path) {
    on_each_database(|app| {
        let mut result = replayed(app, path);
        let tells_changes = ["sync.json", "list_due.json"].iter().any(|name| path.ends_with(name));
        if result.is_err() && tells_changes && app.database.kind == Kind::Postgres {
            let again = || TestApp::start(Database::migrated(Kind::Postgres));
            result = eventually(|| replayed(&again(), path).ok().map(Ok));
        }
        let written = result.unwrap_or_else(|differences| panic!("{differences}"));
        if writes_anew() {
            std::fs::write(path, written).unwrap();
        } else {
            let text = std::fs::read_to_string(path).unwrap();
            assert_eq!(text, written, "{} is not laid out as the others", path.display());
        }
    });
}

#[test]
fn every_example_is_answered_as_it_says() {
    let files: Vec<String> = OPERATIONS.iter().map(|row| format!("{}.json", row.id)).collect();
    for file in &files {
        check_file(&folder().join(file));
    }
    let known: BTreeSet<String> = files.into_iter().chain(["README.md".to_owned()]).collect();
    let entries = std::fs::read_dir(folder()).unwrap();
    let there: BTreeSet<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, known);
}

#[test]
fn every_operation_has_an_example_of_its_success_and_one_of_a_refusal_where_it_can_be_refused() {
    for operation in OPERATIONS {
        let text = std::fs::read_to_string(folder().join(format!("{}.json", operation.id)));
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", operation.id));
        let exchanges: Vec<Exchange> = serde_json::from_str(&text).unwrap();
        let of_it = exchanges.iter().filter(|it| {
            let asked = contract::operation_at(&it.request.method, &it.request.path);
            asked.is_some_and(|asked| asked.id == operation.id)
        });
        let statuses: Vec<u16> = of_it.map(|it| it.response.status).collect();
        assert!(statuses.contains(&operation.success), "{}: {statuses:?}", operation.id);
        let is_refused = statuses.iter().any(|status| *status >= 400);
        let can_be_refused = operation.id != "get_status";
        assert!(is_refused || !can_be_refused, "{}: {statuses:?}", operation.id);
    }
}
