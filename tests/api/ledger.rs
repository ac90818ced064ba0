//! The ledger: complete, and every change of it shows.

use compliance::ledger::{Covered, Entry, GENESIS, Misfit};
use holdfast::store::ledger::{self, LedgerEntry, Verification};
use serde_json::json;

use crate::builders::{OneOrder, sign_on};
use crate::harness::{TestApp, eventually, on_each_database};

fn verify(app: &TestApp) -> Verification {
    app.read(ledger::verify)
}

/// An order, a sign-on that was late, its alert acknowledged.
fn some_activity(app: &TestApp) {
    app.import(&OneOrder::owned_by(&app.asha_mercer().username).file());
    let officer = app.officer_at("ALD");
    app.clock.set("2026-11-24T12:30:00Z");
    app.sweep();
    let station = app.station("ALD");
    let due = officer.get(&format!("/stations/{station}/due")).expect(200)["due"][0].clone();
    let body = sign_on(&due, station, "2026-11-24T12:30:00Z");
    officer.put(&format!("/check-ins/{}", app.new_id()), &body).expect(201);
}

/// The chain of the order and how long it is.
fn order_chain(app: &TestApp) -> (String, i64) {
    let mut sql = app.sql();
    let chain = "SELECT min(chain) AS value FROM ledger_entries WHERE chain LIKE 'order:%'";
    let chain = sql.texts(chain)[0].clone();
    let length = sql.count(&format!("ledger_entries WHERE chain = '{chain}'"));
    (chain, length)
}

/// A chain from its beginning.
fn entries(app: &TestApp, chain: &str) -> Vec<LedgerEntry> {
    let chain = chain.parse().unwrap();
    app.read(move |tx| ledger::whole(tx, chain))
}

#[test]
fn an_untouched_ledger_fits() {
    on_each_database(|app| {
        some_activity(app);
        let found = verify(app);
        assert_eq!(found.misfit, None);
        assert_eq!(i64::try_from(found.entries).unwrap(), app.count("ledger_entries"));
        assert!(found.chains >= 4, "{found:?}");
        assert!(order_chain(app).1 >= 6);
    });
}

#[test]
fn whoever_changes_the_ledger_is_found_out_by_chain_and_row() {
    // What is done to rows 3 and 4 of the chain; which row is named.
    let gap = |expected, found| Misfit::Gap { expected, found };
    let digest = |seq| Misfit::Digest { seq };
    let swap = "UPDATE ledger_entries SET seq = -1 WHERE seq = 3 AND CHAIN; \
        UPDATE ledger_entries SET seq = 3 WHERE seq = 4 AND CHAIN; \
        UPDATE ledger_entries SET seq = 4 WHERE seq = -1 AND CHAIN";
    let insert = "UPDATE ledger_entries SET seq = -seq WHERE seq >= 3 AND CHAIN; \
        UPDATE ledger_entries SET seq = 1 - seq WHERE seq < 0 AND CHAIN; \
        INSERT INTO ledger_entries SELECT chain, 3, recorded_at, actor, act, object, detail, \
        body_digest, digest, salt FROM ledger_entries WHERE seq = 2 AND CHAIN";
    let rows = [
        ("UPDATE ledger_entries SET detail = 'x' || detail WHERE seq = 3 AND CHAIN", digest(3)),
        ("UPDATE ledger_entries SET act = 'nothing' WHERE seq = 3 AND CHAIN", digest(3)),
        (
            "UPDATE ledger_entries SET recorded_at = 1 + recorded_at WHERE seq = 3 AND CHAIN",
            digest(3),
        ),
        (
            "UPDATE ledger_entries SET actor = (SELECT id FROM accounts LIMIT 1) WHERE seq = 1 AND CHAIN",
            digest(1),
        ),
        ("UPDATE ledger_entries SET object = 'x' WHERE seq = 4 AND CHAIN", digest(4)),
        ("UPDATE ledger_entries SET body_digest = digest WHERE seq = 3 AND CHAIN", digest(3)),
        ("UPDATE ledger_entries SET digest = body_digest WHERE seq = 3 AND CHAIN", digest(3)),
        ("UPDATE ledger_entries SET salt = body_digest WHERE seq = 3 AND CHAIN", digest(3)),
        ("UPDATE ledger_entries SET salt = NULL WHERE seq = 3 AND CHAIN", digest(3)),
        // The seal passed off as the digest of the fact.
        (
            "UPDATE ledger_entries SET salt = NULL, body_digest = SEAL WHERE seq = 3 AND CHAIN",
            digest(3),
        ),
        ("DELETE FROM ledger_entries WHERE seq = 3 AND CHAIN", gap(3, 4)),
        ("DELETE FROM ledger_entries WHERE seq = 1 AND CHAIN", gap(1, 2)),
        (swap, digest(3)),
        (insert, digest(3)),
    ];
    on_each_database(|app| {
        some_activity(app);
        let (chain, _) = order_chain(app);
        let here = format!("chain = '{chain}'");
        let third = entries(app, &chain).swap_remove(2);
        let mut sql = app.sql();
        let seal = sql.bytes(&third.seal().unwrap());
        sql.execute("CREATE TABLE kept AS SELECT * FROM ledger_entries");
        for (change, misfit) in &rows {
            sql.execute(&change.replace("CHAIN", &here).replace("SEAL", &seal));
            assert_eq!(verify(app).misfit, Some((chain.clone(), misfit.clone())), "{change}");
            sql.execute(
                "DELETE FROM ledger_entries; INSERT INTO ledger_entries SELECT * FROM kept",
            );
            assert_eq!(verify(app).misfit, None);
        }
    });
}

#[test]
fn a_ledger_of_before_there_were_seals_fits_and_is_gone_on_with() {
    on_each_database(|app| {
        some_activity(app);
        let (chain, _) = order_chain(app);
        let mut sql = app.sql();
        let mut previous = GENESIS;
        for entry in entries(app, &chain) {
            let actor = entry.actor.map(|actor| actor.uuid().as_bytes().to_vec());
            let before = Entry {
                chain: &chain,
                seq: entry.seq,
                recorded_at: entry.recorded_at,
                actor: actor.as_deref().unwrap_or_default(),
                act: &entry.act,
                object: &entry.object,
                detail: &entry.detail,
                covered: Covered::Digest(&entry.body_digest),
            };
            previous = before.digest(&previous);
            let digest = sql.bytes(&previous);
            sql.execute(&format!(
                "UPDATE ledger_entries SET salt = NULL, digest = {digest} \
                 WHERE seq = {} AND chain = '{chain}'",
                entry.seq
            ));
        }
        assert_eq!(verify(app).misfit, None);
        let order = chain.strip_prefix("order:").unwrap();
        app.supervisor_at("ALD").get(&format!("/orders/{order}/timeline")).expect(200);
        let all = entries(app, &chain);
        assert!(all.last().unwrap().salt.is_some() && all[0].salt.is_none());
        assert_eq!(verify(app).misfit, None);
        let edit = "UPDATE ledger_entries SET salt = digest WHERE seq = 2 AND chain";
        sql.execute(&format!("{edit} = '{chain}'"));
        assert_eq!(verify(app).misfit, Some((chain, Misfit::Digest { seq: 2 })));
    });
}

#[test]
fn every_reading_of_a_case_is_on_record_with_its_reader() {
    on_each_database(|app| {
        some_activity(app);
        let officer = app.officer_at("ALD");
        let supervisor = app.supervisor_at("ALD");
        let station = app.station("ALD");
        let list = officer.get(&format!("/stations/{station}/due")).expect(200);
        let due = &list["due"][0];
        let (order, subject) = (&due["order_id"], &due["subject"]["subject_id"]);
        let mut sql = app.sql();
        let check_in = format!("SELECT {} AS value FROM check_ins", sql.hex("id"));
        let check_in: uuid::Uuid = sql.texts(&check_in)[0].parse().unwrap();
        let text = |id: &serde_json::Value| id.as_str().unwrap().to_owned();
        let readings = [
            (&officer, "GET", format!("/stations/{station}/due")),
            (&officer, "GET", format!("/check-ins/{check_in}")),
            (&officer, "GET", "/alerts".to_owned()),
            (&officer, "GET", "/orders?query=vane".to_owned()),
            (&officer, "GET", format!("/subjects/{}/conditions", text(subject))),
            (&officer, "POST", "/sync".to_owned()),
            (&supervisor, "GET", format!("/orders/{}/timeline", text(order))),
            (&supervisor, "GET", "/supervision/attention".to_owned()),
            (&supervisor, "GET", "/supervision/compliance?by=week".to_owned()),
        ];
        for (reader, method, path) in readings {
            let account = app.sql().bytes(reader.account.id.uuid().as_bytes());
            let recorded = format!("ledger_entries WHERE actor = {account}");
            let body = json!({ "cursor": null, "check_ins": [] });
            let body = (method == "POST").then_some(&body);
            // A phone that is given nothing reads nothing; while other transactions are under way
            // that can happen.
            eventually(|| {
                let before = app.count(&recorded);
                let answer = reader.send((method, &path), &[], body).expect(200);
                let is_empty = answer["obligations"].as_array().is_some_and(Vec::is_empty);
                assert_eq!(app.count(&recorded), before + i64::from(!is_empty), "{method} {path}");
                (!is_empty).then_some(())
            });
        }
        assert_eq!(verify(app).misfit, None);
    });
}

#[test]
fn every_write_is_on_record_in_the_same_transaction() {
    on_each_database(|app| {
        some_activity(app);
        let facts = [
            ("find_missed", "findings WHERE check_in_id IS NULL"),
            ("confirm_sign_on", "check_ins"),
            ("raise_alert", "alerts"),
            ("import_order", "orders"),
            ("import_version", "order_versions"),
            ("import_station", "stations"),
            ("create_account", "accounts"),
            ("sign_in", "sessions"),
        ];
        for (act, table) in facts {
            let entries = app.count(&format!("ledger_entries WHERE act = '{act}'"));
            assert_eq!(entries, app.count(table), "{act}");
            assert!(entries > 0, "{act}");
        }
    });
}
