//! A push service on this machine, and a phone that it reaches. It answers what the test tells it to
//! and keeps what it was sent.

use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::TestApp;
use super::caller::{Answer, Caller, send};

/// One message as it came in.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    /// Whether it only asks the phone whether it is there.
    pub fn is_heartbeat(&self) -> bool {
        self.header("topic") == "heartbeat"
    }

    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(is, _)| is.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Shared {
    /// What is answered next; 201 when there is nothing left.
    script: VecDeque<String>,
    received: Vec<Received>,
    /// What only asks a phone whether it is there, apart, and what is answered to it.
    heartbeats: Vec<Received>,
    heartbeat_script: VecDeque<String>,
    /// What is answered when nothing else is said: nothing means 201.
    usual: Option<String>,
    /// The paths of phones that are gone.
    lost: BTreeSet<String>,
    is_over: bool,
}

pub struct PushService {
    pub address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    serving: Option<std::thread::JoinHandle<()>>,
}

impl PushService {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let serves = shared.clone();
        let serving = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if serves.lock().unwrap().is_over {
                    return;
                }
                serve(stream, &serves);
            }
        });
        Self { address, shared, serving: Some(serving) }
    }

    /// Answers the next message with this status line and these header lines.
    pub fn answers(&self, next: &str) {
        self.shared.lock().unwrap().script.push_back(next.to_owned());
    }

    /// The same for the next that only asks a phone whether it is there.
    pub fn answers_heartbeat(&self, next: &str) {
        self.shared.lock().unwrap().heartbeat_script.push_back(next.to_owned());
    }

    /// Answers every message with this status line from now on, or takes them again.
    pub fn fails_with(&self, usual: Option<&str>) {
        self.shared.lock().unwrap().usual = usual.map(str::to_owned);
    }

    /// From now on nothing arrives at this phone, and whoever sends is told.
    pub fn loses(&self, phone: &Phone) {
        self.shared.lock().unwrap().lost.insert(phone.path());
    }

    pub fn take_heartbeats(&self) -> Vec<Received> {
        std::mem::take(&mut self.shared.lock().unwrap().heartbeats)
    }

    /// What has come in about alerts since the last time.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.shared.lock().unwrap().received)
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for PushService {
    fn drop(&mut self) {
        self.shared.lock().unwrap().is_over = true;
        let _wake = TcpStream::connect(self.address);
        let _ended = self.serving.take().map(std::thread::JoinHandle::join);
    }
}

/// HTTP/1.1 as far as a push client needs it, one request for each connection.
fn serve(stream: TcpStream, shared: &Mutex<Shared>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).is_err() || line.is_empty() {
        return;
    }
    let path = line.split(' ').nth(1).unwrap().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut shared = shared.lock().unwrap();
    let message = Received { path, headers, body };
    let is_lost = shared.lost.contains(&message.path);
    let answer = match message.is_heartbeat() {
        true => {
            shared.heartbeats.push(message);
            shared.heartbeat_script.pop_front()
        }
        false => {
            shared.received.push(message);
            shared.script.pop_front()
        }
    };
    let answer = answer.or_else(|| shared.usual.clone());
    let answer = if is_lost { Some("410 Gone".to_owned()) } else { answer };
    let answer = answer.unwrap_or_else(|| "201 Created".to_owned());
    drop(shared);
    let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let _hung_up = reader.into_inner().write_all(answer.as_bytes());
}

/// A phone with keys of its own, as a browser makes them.
pub struct Phone {
    pub id: Uuid,
    pub endpoint: String,
    keys: ece::EcKeyComponents,
    auth: [u8; 16],
}

impl Phone {
    /// Asks to be told of the caller's alerts.
    pub fn of(caller: &Caller<'_>, service: &PushService) -> Self {
        let (pair, auth) = ece::generate_keypair_and_auth_secret().unwrap();
        let id = caller.app.new_id();
        let keys = pair.raw_components().unwrap();
        let phone = Self { id, endpoint: format!("{}/to/{id}", service.origin()), keys, auth };
        let path = format!("/push-subscriptions/{id}");
        caller.put(&path, &phone.subscription()).expect(201);
        phone
    }

    pub fn subscription(&self) -> Value {
        json!({
            "endpoint": self.endpoint,
            "keys": {
                "p256dh": URL_SAFE_NO_PAD.encode(self.keys.public_key()),
                "auth": URL_SAFE_NO_PAD.encode(self.auth),
            },
        })
    }

    /// Whether the message was for this phone.
    pub fn is_for(&self, message: &Received) -> bool {
        message.path == self.path()
    }

    fn path(&self) -> String {
        format!("/to/{}", self.id)
    }

    /// Says of a message what the app's service worker would: without a session.
    pub fn says(&self, app: &TestApp, event: &str, message: &Received) -> Answer {
        let read = self.read(message);
        let body = json!({ "token": read["receipt_token"], "event": event });
        let body = serde_json::to_vec(&body).unwrap();
        let path = read["receipt_url"].as_str().unwrap();
        send(app.address, ("POST", path), &[("content-type", "application/json")], Some(&body))
    }

    /// What only this phone can read.
    pub fn read(&self, message: &Received) -> Value {
        let plain = ece::decrypt(&self.keys, &self.auth, &message.body).unwrap();
        serde_json::from_slice(&plain).unwrap()
    }
}
