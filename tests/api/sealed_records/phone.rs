//! A phone that signs what its officer records, numbers it and names the one before, as the app does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast::identity::sha256;
use openssl::bn::BigNumContext;
use openssl::ec::{EcGroup, EcKey, PointConversionForm};
use openssl::ecdsa::EcdsaSig;
use openssl::nid::Nid;
use openssl::pkey::Private;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::caller::{Answer, Caller};

/// A copy of it goes on from where it was.
#[derive(Clone)]
pub struct Phone {
    pub id: Uuid,
    key: EcKey<Private>,
    sequence: i64,
    last_digest: String,
    pub beacon: Option<String>,
}

/// A fresh key, as a phone makes it known.
pub fn enrolment() -> Value {
    json!({ "public_key": Phone::new(Uuid::nil()).public_key(), "name": "Android" })
}

impl Phone {
    pub fn new(id: Uuid) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = EcKey::generate(&group).unwrap();
        Self { id, key, sequence: 0, last_digest: String::new(), beacon: None }
    }

    /// The same key under another id.
    pub fn under(&self, id: Uuid) -> Self {
        Self { id, ..self.clone() }
    }

    pub fn public_key(&self) -> String {
        let mut context = BigNumContext::new().unwrap();
        let form = PointConversionForm::UNCOMPRESSED;
        let point = self.key.public_key().to_bytes(self.key.group(), form, &mut context);
        URL_SAFE_NO_PAD.encode(point.unwrap())
    }

    pub fn path(&self) -> String {
        format!("/phone-keys/{}", self.id)
    }

    pub fn enrol(&self, officer: &Caller<'_>) -> Answer {
        let body = json!({ "public_key": self.public_key(), "name": "Android" });
        officer.put(&self.path(), &body)
    }

    /// What it signs next.
    pub fn says(&self, check_in: Uuid, sign_on: &Value) -> Value {
        json!({
            "check_in_id": check_in,
            "sign_on": sign_on,
            "sequence": self.sequence + 1,
            "previous_digest": self.last_digest,
            "beacon": self.beacon,
            "made_at": sign_on["attended_at"],
            "app_version": "1",
        })
    }

    /// Signs any bytes whatever.
    pub fn signed(&self, check_in: Uuid, payload: &[u8]) -> Value {
        let signature = EcdsaSig::sign(&sha256(payload), &self.key).unwrap();
        let number = |number: &openssl::bn::BigNumRef| number.to_vec_padded(32).unwrap();
        let signature = [number(signature.r()), number(signature.s())].concat();
        json!({
            "check_in_id": check_in,
            "phone_key_id": self.id,
            "payload": URL_SAFE_NO_PAD.encode(payload),
            "signature": URL_SAFE_NO_PAD.encode(signature),
        })
    }

    /// Signs a sign-on, and goes on from there.
    pub fn seal(&mut self, check_in: Uuid, sign_on: &Value) -> Value {
        let payload = self.says(check_in, sign_on).to_string().into_bytes();
        self.sequence += 1;
        self.last_digest = URL_SAFE_NO_PAD.encode(sha256(&payload));
        self.signed(check_in, &payload)
    }
}

/// Somebody changes a word of what was signed.
pub fn altered(sealed: &Value, from: &str, to: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(sealed["payload"].as_str().unwrap()).unwrap();
    let text = String::from_utf8(payload).unwrap();
    assert!(text.contains(from), "{text}");
    let mut altered = sealed.clone();
    altered["payload"] = json!(URL_SAFE_NO_PAD.encode(text.replace(from, to)));
    altered
}
