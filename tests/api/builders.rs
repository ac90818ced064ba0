//! Files with one order on which a test can say only what matters to it.

use serde_json::{Value, json};

/// An order with one sign-on condition, at ALD on Tuesdays from 10:00 to 12:00, beginning on
/// Tuesday 24 November 2026.
#[derive(Debug, Clone)]
pub struct OneOrder {
    pub reference: String,
    pub owner: Option<String>,
    pub risk: &'static str,
    pub served_at: Option<&'static str>,
    pub ends_on: Option<&'static str>,
    pub starts_on: &'static str,
    pub rrule: Option<&'static str>,
    pub opens: &'static str,
    pub closes: &'static str,
    pub station: &'static str,
    pub alternates: Vec<&'static str>,
    pub early_counts: bool,
}

impl Default for OneOrder {
    fn default() -> Self {
        Self {
            reference: "SPO/26/0001".to_owned(),
            owner: None,
            risk: "standard",
            served_at: Some("2026-11-02T16:00:00Z"),
            ends_on: None,
            starts_on: "2026-11-24",
            rrule: Some("FREQ=WEEKLY;BYDAY=TU"),
            opens: "10:00",
            closes: "12:00",
            station: "ALD",
            alternates: Vec::new(),
            early_counts: false,
        }
    }
}

impl OneOrder {
    pub fn owned_by(username: &str) -> Self {
        Self { owner: Some(username.to_owned()), ..Self::default() }
    }

    pub fn file(&self) -> String {
        file(&[self.entry()])
    }

    /// As many orders as that, on as many people, alike but for their references.
    pub fn times(&self, count: usize) -> String {
        let entries: Vec<Value> = (1..=count)
            .map(|n| Self { reference: format!("SPO/26/{n:04}"), ..self.clone() }.entry())
            .collect();
        file(&entries)
    }

    pub fn entry(&self) -> Value {
        json!({
            "reference": self.reference,
            "kind": "full",
            "court": "Alderbridge Magistrates' Court",
            "made_on": "2026-11-02",
            "served_at": self.served_at,
            "ends_on": self.ends_on,
            "owner": self.owner,
            "risk": self.risk,
            "subject": {
                "reference": format!("P-{}", self.reference),
                "given_names": "Terence",
                "family_name": "Vane",
                "born_on": "1981-06-30",
            },
            "versions": [self.version(1, "2026-11-02T11:00:00Z")],
        })
    }

    pub fn version(&self, number: i64, in_force_from: &str) -> Value {
        json!({
            "number": number,
            "reason": if number == 1 { "original" } else { "variation" },
            "in_force_from": in_force_from,
            "conditions": [{
                "label": "R1",
                "polarity": "requirement",
                "kind": "sign_on",
                "wording": "The defendant must attend the station and sign on.",
                "plain_words": "Sign on at the station.",
                "sign_on": {
                    "station": self.station,
                    "alternates": self.alternates,
                    "early_counts": self.early_counts,
                    "schedules": [{
                        "zone": "Europe/London",
                        "starts_on": self.starts_on,
                        "rrule": self.rrule,
                        "exdates": [],
                        "rdates": [],
                        "opens": self.opens,
                        "closes": self.closes,
                    }],
                },
            }],
        })
    }

    /// The order with a second version on top.
    pub fn varied(&self, varied: &OneOrder, in_force_from: &str) -> String {
        let mut entry = self.entry();
        let versions = entry["versions"].as_array_mut().unwrap();
        versions.push(varied.version(2, in_force_from));
        file(&[entry])
    }
}

/// A file with three stations and these orders.
pub fn file(orders: &[Value]) -> String {
    let station = |code: &str, latitude: f64| {
        json!({
            "code": code,
            "name": format!("{code} Police Station"),
            "position": { "latitude": latitude, "longitude": -2.5 },
            "radius_m": 100,
            "opening_hours": [{ "days": ["mon"], "opens": "08:00", "closes": "20:00" }],
        })
    };
    let stations = [station("ALD", 52.0), station("HEX", 52.2), station("THN", 52.4)];
    json!({ "format": "holdfast-orders/1", "stations": stations, "orders": orders }).to_string()
}

/// What a phone sends when the subject attends, and is who they should be.
pub fn sign_on(obligation: &Value, station: impl std::fmt::Display, attended_at: &str) -> Value {
    json!({
        "obligation_id": obligation["obligation_id"],
        "station_id": station.to_string(),
        "identity": { "method": "photo_on_file", "result": "match" },
        "attended_at": attended_at,
    })
}

/// The order with a condition of treatment by `MIND`, and its sessions: start and end.
pub fn treated(mut entry: Value, sessions: &[(&str, &str)]) -> Value {
    let session = |(starts_at, ends_at): &(&str, &str)| json!({ "starts_at": starts_at, "ends_at": ends_at, "place": "12 Mill Lane, Alderbridge" });
    let sessions: Vec<Value> = sessions.iter().map(session).collect();
    let conditions = entry["versions"][0]["conditions"].as_array_mut().unwrap();
    conditions.push(json!({
        "label": "R2",
        "polarity": "requirement",
        "kind": "treatment",
        "wording": "The defendant must attend the sessions that the provider arranges.",
        "plain_words": "Go to the sessions at the provider.",
        "treatment": {
            "provider": "MIND",
            "programme": "Better Relationships",
            "referred": true,
            "sessions": sessions,
        },
    }));
    entry
}

/// The file with two treatment providers in it.
pub fn with_providers(file: &str) -> String {
    let mut file: Value = serde_json::from_str(file).unwrap();
    let provider = |code: &str, name: &str| json!({ "code": code, "name": name, "contact": format!("{}@example.invalid", code.to_lowercase()) });
    file["providers"] =
        json!([provider("MIND", "Mindful Paths"), provider("TURN", "Turning Point Westmarch")]);
    file.to_string()
}
