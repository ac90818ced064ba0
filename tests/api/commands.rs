//! The program as it is built: its commands, what they print and how they end.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use crate::builders::OneOrder;
use crate::harness::caller::{Answer, send};
use crate::harness::database::{Database, Kind, folder};
use crate::harness::{PASSWORD, eventually, example, repository};
use crate::scene::credentials;

const PROGRAM: &str = env!("CARGO_BIN_EXE_holdfast");

fn holdfast(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    command(PROGRAM, arguments, variables)
}

/// With nothing of the tester's own surroundings but where temporary files go.
fn command(program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("TMPDIR", folder().join("work"));
    command.args(arguments).envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a command printed, and whether it did what it was asked.
#[derive(Debug)]
pub struct Said {
    pub is_done: bool,
    pub out: String,
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            is_done: output.status.success(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

impl Said {
    #[track_caller]
    fn done(self) -> String {
        assert!(self.is_done, "{self:?}");
        self.out
    }

    /// Refused with all of these words, and by the program's own decision.
    #[track_caller]
    fn refused(self, words: &[&str]) {
        assert!(!self.is_done && !self.err.contains("panicked"), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "no {word}: {self:?}");
        }
    }
}

pub fn said(arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    holdfast(arguments, variables).output().unwrap().into()
}

/// The same with something to read.
fn said_to(arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Said {
    let mut child = holdfast(arguments, variables).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

/// Runs a test on a database without tables, with what tells the program where it is.
fn on_each_new_database(test: impl Fn(&Database, &[(&str, &str)])) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let database = Database::empty(kind);
        let url = database.url.clone();
        test(&database, &[("HOLDFAST_DATABASE", &url), ("HOLDFAST_LISTEN", "127.0.0.1:0")]);
    }
}

fn written(name: &str, text: &str) -> String {
    let path = folder().join("work").join(format!("{}-{name}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn import_says_what_it_took_in_and_a_second_time_that_nothing_is_new() {
    let file = written("order.json", &OneOrder::default().file());
    on_each_new_database(|database, here| {
        let first = said(&["import", &file], here).done();
        assert!(first.contains("3 new stations, 1 new orders, 1 new versions"), "{first}");
        let before = database.sql().row_counts();

        let second = said(&["import", &file], here).done();

        assert!(second.contains("0 new stations, 0 new orders, 0 new versions"), "{second}");
        assert_eq!(database.sql().row_counts(), before);
    });
}

#[test]
fn import_refuses_a_file_whole_and_names_line_field_and_reason() {
    let bad = repository().join("tests/data/refused/latitude-95.json");
    let bad = bad.to_str().unwrap();
    let good = written("good.json", &OneOrder::default().file());
    on_each_new_database(|database, here| {
        let refused = said(&["import", bad], here);
        refused.refused(&[bad, "line 7: /stations/0/position/latitude: ", "one file was refused"]);
        assert_eq!(database.sql().count("stations"), 0);
        assert_eq!(database.sql().count("orders"), 0);

        // A file that is refused holds up no other.
        let refused = said(&["import", bad, &good], here);
        assert!(refused.out.contains("1 new orders"), "{refused:?}");
        refused.refused(&["one file was refused"]);
        assert_eq!(database.sql().count("orders"), 1);

        said(&["import", "/there/is/none.json"], here).refused(&["/there/is/none.json"]);
    });
}

#[test]
fn accounts_are_made_listed_and_disabled() {
    let file = written("stations.json", &example("00-stations.json"));
    on_each_new_database(|database, here| {
        said(&["import", &file], here).done();
        let create = |name: &str, station: &str, password: &str| {
            let about = ["--name", "PC Ines Okafor", "--role", "officer", "--stations", station];
            said_to(&[&["account", "create", name], &about[..]].concat(), here, password)
        };
        let made = create("Ines.Okafor", "ALD", PASSWORD).done();
        assert!(made.contains("ines.okafor can sign in as officer"), "{made}");
        create("ines.okafor", "ALD", PASSWORD).refused(&["taken"]);
        create("somebody.else", "ALD", "short").refused(&["12"]);
        create("somebody.else", "NIL", PASSWORD).refused(&["NIL"]);
        let kept = "SELECT password_hash AS value FROM accounts";
        assert!(database.sql().texts(kept)[0].starts_with("$argon2id$"));

        assert!(said(&["account", "list"], here).done().contains("ines.okafor"));
        said(&["account", "disable", "ines.okafor"], here).done();
        assert!(said(&["account", "list"], here).done().contains("(disabled)"));
        said(&["account", "disable", "nobody"], here).refused(&["account"]);
    });
}

#[test]
fn ledger_verify_ends_well_while_the_ledger_fits_and_names_the_first_row_that_does_not() {
    let file = written("ledger.json", &OneOrder::default().file());
    on_each_new_database(|database, here| {
        said(&["import", &file], here).done();
        let fits = said(&["ledger", "verify"], here).done();
        assert!(fits.contains("The ledger fits"), "{fits}");
        let mut sql = database.sql();
        let chain = "SELECT chain AS value FROM ledger_entries WHERE chain LIKE 'order:%'";
        let chain = sql.texts(chain)[0].clone();

        let edit = "UPDATE ledger_entries SET detail = 'edited' WHERE seq = 2 AND chain";
        sql.execute(&format!("{edit} = '{chain}'"));

        said(&["ledger", "verify"], here).refused(&["does not fit", &chain, "2"]);
    });
}

#[test]
fn check_ends_well_while_the_invariants_hold_and_names_what_contradicts_them() {
    let mut order = OneOrder::default().entry();
    order["owner"] = "kay".into();
    let file = written("checked.json", &crate::builders::file(&[order]));
    let stations = written("checked-stations.json", &crate::builders::file(&[]));
    on_each_new_database(|database, here| {
        said(&["import", &stations], here).done();
        let about = ["--name", "Sgt Kay", "--role", "supervisor", "--stations", "ALD"];
        said_to(&[&["account", "create", "kay"], &about[..]].concat(), here, PASSWORD).done();
        said(&["import", &file], here).done();
        let fits = said(&["check"], here).done();
        assert!(fits.lines().all(|line| line.starts_with("ok    ")), "{fits}");

        database.sql().execute("UPDATE orders SET owner_id = NULL");

        let faulty = said(&["check"], here);
        assert!(faulty.out.contains("FAULT order_owned (high), 1 times: "), "{faulty:?}");
        faulty.refused(&["one invariant does not hold"]);
        let json = said(&["check", "--json"], here);
        let shown: serde_json::Value = serde_json::from_str(&json.out).unwrap();
        assert_eq!(shown["invariants"][0]["violations"], 1);
        json.refused(&["one invariant does not hold"]);
        said(&["check", "--at", "yesterday"], here).refused(&["--at"]);
        // Before the order was in force, nobody had to own it.
        said(&["check", "--at", "2026-11-01T00:00:00Z"], here).done();
    });
}

#[test]
fn the_description_and_the_problems_are_printed_as_they_are_checked_in() {
    for (command, file) in [("openapi", "openapi.yaml"), ("problems", "problems.md")] {
        let path = repository().join("mobile-api-spec").join(file);
        assert_eq!(said(&[command], &[]).done(), std::fs::read_to_string(path).unwrap());
    }
}

#[test]
fn serve_refuses_to_start_on_what_it_does_not_understand_and_says_what() {
    let sqlite = format!("sqlite:{}", folder().join("work/never.sqlite").display());
    let refused = |name: &str, value: &str, words: &[&str]| {
        let variables = [("HOLDFAST_DATABASE", sqlite.as_str()), (name, value)];
        said(&["serve"], &variables).refused(words);
    };
    refused("HOLDFAST_LISTNE", "127.0.0.1:0", &["HOLDFAST_LISTNE", "no such setting"]);
    refused("HOLDFAST_LISTEN", "here", &["listen"]);
    refused("HOLDFAST_LISTEN", "0.0.0.0:0", &["listen", "behind_tls_proxy"]);
    refused("HOLDFAST_DATABASE_CONNECTIONS", "0", &["database_connections", "1 to 100"]);
    refused("HOLDFAST_DATABASE_CONNECTIONS", "many", &["database_connections"]);
    refused("HOLDFAST_SWEEP_EVERY_MS", "60000", &["sweep_every_ms", "10 to 1000"]);
    refused("HOLDFAST_DATABASE", "mysql://here", &["database"]);
    refused("HOLDFAST_DATABASE", "sqlite:/there/is/none/x.sqlite", &["database"]);
    let unknown = written("unknown.toml", "listne = \"127.0.0.1:0\"\n");
    said(&["serve", "--config", &unknown], &[]).refused(&["listne"]);
    let broken = written("broken.toml", "listen = \n");
    said(&["serve", "--config", &broken], &[]).refused(&[&broken]);
    said(&["serve", "--config", "/there/is/none.toml"], &[]).refused(&["/there/is/none.toml"]);
    said(&["serve", "--no-such"], &[]).refused(&["--no-such"]);
    assert!(!folder().join("work/never.sqlite").exists(), "it had begun");
}

/// The program while it serves.
pub struct Serving {
    child: Child,
    pub out: BufReader<ChildStdout>,
    pub address: SocketAddr,
}

impl Serving {
    /// Until it prints where it listens.
    pub fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let quiet = [("HOLDFAST_LOG", "off")];
        Self::run(holdfast(arguments, &[variables, &quiet].concat()))
    }

    /// On a disk that holds no file of more than so many bytes.
    pub fn start_on_disk_of(bytes: u64, variables: &[(&str, &str)]) -> Self {
        let quiet = [("HOLDFAST_LOG", "off"), ("PATH", "/usr/bin:/bin")];
        // POSIX counts in blocks of 512 bytes; a shell that counts in others leaves more room.
        let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" serve", bytes / 512);
        Self::run(command("sh", &["-c", &script, PROGRAM], &[variables, &quiet].concat()))
    }

    fn run(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0, "it has ended: {:?}", child.wait());
            if let Some((_, rest)) = line.split_once("http://") {
                let is_other = |c: char| !c.is_ascii_digit() && !".:".contains(c);
                let address = rest.split(is_other).next().unwrap();
                break address.parse().unwrap();
            }
        };
        Self { child, out, address }
    }

    fn get(&self, path: &str) -> Answer {
        send(self.address, ("GET", path), &[], None)
    }

    pub fn signal(&self, signal: &str) {
        let process = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &process]).status().unwrap();
        assert!(sent.success());
    }

    /// Asks it to end, and gives what it printed last.
    fn terminated(mut self) -> String {
        self.signal("TERM");
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.out, &mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{rest}");
        rest
    }
}

impl Drop for Serving {
    /// So that a test that fails leaves nothing running.
    fn drop(&mut self) {
        let _has_ended = self.child.kill();
        let _has_ended = self.child.wait();
    }
}

#[test]
fn serve_watches_answers_and_ends_in_order_when_it_is_asked_to() {
    let file = written("served.json", &OneOrder::default().file());
    on_each_new_database(|_, here| {
        said(&["import", &file], here).done();
        let about = ["--name", "Sgt Kay", "--role", "supervisor", "--stations", "ALD"];
        said_to(&[&["account", "create", "kay"], &about[..]].concat(), here, PASSWORD).done();

        let serving = Serving::start(&["serve"], here);

        eventually(|| (serving.get("/health/ready").status == 200).then_some(()));
        let json = [("content-type", "application/json")];
        let body = credentials("kay", PASSWORD, "bearer").to_string();
        let session = ("POST", "/api/v1/session");
        let session = send(serving.address, session, &json, Some(body.as_bytes())).expect(201);
        assert_eq!(session["account"]["display_name"], "Sgt Kay");
        assert_eq!(serving.get("/api/v1/status").status, 200);
        assert_eq!(serving.terminated(), "Stopped.\n");
        said(&["ledger", "verify"], here).done();
    });
}

#[test]
fn the_demo_is_up_in_bounded_time_answers_and_leaves_nothing_behind() {
    let watch = holdfast::clock::Stopwatch::start();
    let demo = Serving::start(&["demo", "--listen", "127.0.0.1:0"], &[]);
    assert!(watch.elapsed().as_secs() < 120, "{:?}", watch.elapsed());

    eventually(|| (demo.get("/health/ready").status == 200).then_some(()));
    let status = demo.get("/api/v1/status").expect(200);
    assert!(status["orders"].as_i64().unwrap() >= 60, "{status}");
    let front = demo.get("/");
    assert!(front.body.contains("Training environment"), "{}", front.body);
    assert!(front.body.contains("Running and watching"), "{}", front.body);
    let reference = demo.get("/api/reference/");
    assert!(reference.body.contains("width=device-width"), "{}", reference.body);
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        assert!(reference.body.contains(file));
        assert_eq!(demo.get(&format!("/api/reference/{file}")).status, 200, "{file}");
    }
    let printed = demo.terminated();

    assert!(printed.contains("password") && printed.ends_with("Stopped.\n"), "{printed}");
    let data = printed.lines().find_map(|line| line.trim().strip_prefix("data ")).unwrap();
    assert!(!std::path::Path::new(data.trim()).exists(), "{data}");
}
