//! Photos: which is the subject's, who gets it, and what is none.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use compliance::access::Role;
use serde_json::{Value, json};

use super::{ELSEWHERE, PNG, REFERENCE, Two, due, order_id, photo, with_two};
use crate::harness::caller::Caller;

const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01";
const WEBP: &[u8] = b"RIFF\x24\0\0\0WEBPVP8 ";

fn shown(by: &Caller<'_>, station: &str, reference: &str) -> Value {
    due(by, station, reference)["subject"]["photo_id"].clone()
}

#[test]
fn the_photo_taken_last_is_the_subjects_and_is_handed_out_as_it_was_put_on_file() {
    with_two(|two| {
        let files = [("image/png", PNG), ("image/jpeg", JPEG), ("image/webp", WEBP)];
        let days = ["2026-11-22", "2026-11-24", "2026-11-22"];
        let put = |((kind, file), day): ((&str, &[u8]), &str)| {
            two.app.clock.advance(1);
            two.put("photos", &photo(kind, day, file))
        };
        let photos: Vec<String> = files.into_iter().zip(days).map(put).collect();
        for ((kind, file), id) in files.into_iter().zip(&photos) {
            let answer = two.at_hex.get(&format!("/photos/{id}"));
            assert_eq!((answer.status, answer.bytes.as_slice()), (200, file));
            assert_eq!(answer.header("content-type"), Some(kind));
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            assert!(answer.header("cache-control").unwrap().starts_with("private, max-age="));
            assert!(answer.header("content-disposition").unwrap().starts_with("inline"));
        }
        for shows in [&photos[1], &photos[2], &photos[0]] {
            assert_eq!(shown(&two.at_hex, "HEX", ELSEWHERE), **shows);
            two.call_a_mistake(shows);
            two.at_ald.get(&format!("/photos/{shows}")).refused("not-found");
        }
        assert_eq!(shown(&two.at_ald, "ALD", REFERENCE), Value::Null);
    });
}

#[test]
fn a_photo_is_not_there_for_whoever_may_know_of_no_order_of_the_subject() {
    with_two(|two| {
        let id = two.put("photos", &photo("image/png", "2026-11-20", PNG));
        let path = format!("/photos/{id}");
        two.app.officer_at("THN").get(&path).refused("not-found");
        two.app.owner().get(&path).refused("not-found");
        two.app.administrator().get(&path).refused("role-may-not");
        assert_eq!(two.at_hex.get(&path).status, 200);
        assert_eq!(two.app.somebody(Role::ControlRoom, &[]).get(&path).status, 200);
        // A record of another kind is no photo, and a photo no warning.
        let warned = two.put("warnings", &super::warning());
        two.at_ald.get(&format!("/photos/{warned}")).refused("not-found");
        let order = order_id(two.app, ELSEWHERE);
        let end = format!("/warnings/{id}/ends/{}", two.app.new_id());
        let reason = json!({ "reason": "None." });
        two.app.supervisor_at("ALD").put(&end, &reason).refused("not-found");
        let path = format!("/orders/{order}/photos/{}", two.app.new_id());
        two.at_ald.put(&path, &photo("image/png", "2026-11-20", PNG)).refused("not-found");
    });
}

#[track_caller]
fn refused(two: &Two<'_>, body: &Value, field: &str, says: &str) {
    let path = format!("/orders/{}/photos/{}", two.order, two.app.new_id());
    let problem = two.at_ald.put(&path, body).refused("invalid-field");
    assert_eq!(problem["errors"][0]["pointer"], field);
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(says), "{detail}");
}

#[test]
fn what_is_no_photo_is_refused_with_what_to_do() {
    with_two(|two| {
        let day = "2026-11-20";
        for (kind, file) in [
            ("image/png", JPEG),
            ("image/jpeg", PNG),
            ("image/webp", PNG),
            ("image/jpeg", b"<html><script>alert(1)</script>".as_slice()),
            ("image/webp", b"RIFF\x24\0\0\0WAVEfmt "),
        ] {
            refused(two, &photo(kind, day, file), "/image", "save it as JPEG");
        }
        refused(two, &photo("image/gif", day, b"GIF89a"), "/media_type", "it can be image/jpeg");
        refused(two, &photo("image/svg+xml", day, b"<svg/>"), "/media_type", "image/webp");
        refused(two, &photo("image/png", day, b""), "/image", "is empty");
        let mut file = PNG.to_vec();
        file.resize(150_001, 0);
        refused(two, &photo("image/png", day, &file), "/image", "more than 150000");
        refused(two, &photo("image/png", "2026-11-25", PNG), "/taken_on", "in the future");
        for image in [STANDARD_NO_PAD.encode(PNG), "data:image/png;base64,".to_owned()] {
            let body = json!({ "media_type": "image/png", "taken_on": day, "image": image });
            refused(two, &body, "/image", "is not base64");
        }
        file.resize(150_000, 0);
        let id = two.put("photos", &photo("image/png", day, &file));
        assert_eq!(two.at_ald.get(&format!("/photos/{id}")).bytes, file);
        let text = STANDARD.encode(vec![0; 600_000]);
        let body = json!({ "media_type": "image/png", "taken_on": day, "image": text });
        let path = format!("/orders/{}/photos/{}", two.order, two.app.new_id());
        two.at_ald.put(&path, &body).refused("body-too-large");
    });
}

#[test]
fn a_photo_that_is_sent_again_is_on_file_once_and_another_under_its_id_is_refused() {
    with_two(|two| {
        let path = format!("/orders/{}/photos/{}", two.order, two.app.new_id());
        let first = photo("image/png", "2026-11-20", PNG);
        let record = two.at_ald.put(&path, &first).expect(201);
        assert_eq!(two.at_ald.put(&path, &first).expect(201), record);
        assert_eq!(record["says"], "A photo of the subject, taken on Fri 20 Nov 2026.");
        assert_eq!(two.app.count("photos"), 1);
        for other in
            [photo("image/jpeg", "2026-11-20", JPEG), photo("image/png", "2026-11-21", PNG)]
        {
            two.at_ald.put(&path, &other).refused("record-conflict");
        }
        assert_eq!(two.app.count("photos"), 1);
    });
}
