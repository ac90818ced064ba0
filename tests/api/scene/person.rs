//! What officers see of the subject: warnings and photos.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Scene;

/// One grey dot.
pub const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 10, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x63, 0x68, 0, 0, 0, 0x82, 0, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0, 0, 0, 0, b'I', b'E',
    b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

pub fn photo(media_type: &str, taken_on: &str, image: &[u8]) -> Value {
    json!({ "media_type": media_type, "taken_on": taken_on, "image": STANDARD.encode(image) })
}

pub fn warning() -> Value {
    json!({ "kind": "violent", "says": "Struck an officer when he was searched." })
}

/// The body, if it is an operation of these; `ids` are changed to what the address must name.
pub fn body(scene: &Scene<'_>, id: &str, ids: &mut BTreeMap<&'static str, Uuid>) -> Option<Value> {
    let a_photo = photo("image/png", "2026-11-23", PNG);
    match id {
        "record_warning" => Some(warning()),
        "record_photo" => Some(a_photo),
        "end_warning" => {
            ids.insert("warning_id", recorded(scene, "warnings", &warning()));
            Some(json!({ "reason": "He has been on medication since." }))
        }
        "get_photo" => {
            ids.insert("photo_id", recorded(scene, "photos", &a_photo));
            None
        }
        _ => None,
    }
}

/// In the scene of nothing there is nobody of whom it could be.
fn recorded(scene: &Scene<'_>, what: &str, body: &Value) -> Uuid {
    let order = scene.ids["order_id"];
    if order.is_nil() {
        return Uuid::nil();
    }
    let id = scene.app.new_id();
    let officer = scene.app.officer_at("ALD");
    officer.put(&format!("/orders/{order}/{what}/{id}"), body).expect(201);
    id
}
