//! A client that costs little, so that two cores are left to the service: keep-alive HTTP/1.1 over
//! plain sockets, requests made beforehand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How a run went.
pub struct Run {
    pub elapsed: Duration,
    pub latencies_ms: Vec<f64>,
}

/// Sends every request once over so many connections; panics at any answer but `status`.
pub fn send_all(
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    connections: usize,
    status: u16,
) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let requests = Arc::new(requests);
        let next = Arc::new(AtomicUsize::new(0));
        let mut streams = Vec::new();
        for _ in 0..connections {
            let stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            streams.push(stream);
        }
        let began = Instant::now();
        let tasks: Vec<_> = streams
            .into_iter()
            .map(|stream| tokio::spawn(one(stream, requests.clone(), next.clone(), status)))
            .collect();
        let mut latencies_ms = Vec::with_capacity(requests.len());
        for task in tasks {
            latencies_ms.extend(task.await.unwrap());
        }
        let elapsed = began.elapsed();
        latencies_ms.sort_by(f64::total_cmp);
        Run { elapsed, latencies_ms }
    })
}

async fn one(
    mut stream: TcpStream,
    requests: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
    status: u16,
) -> Vec<f64> {
    let mut latencies_ms = Vec::new();
    let mut buffer = Vec::with_capacity(64 * 1024);
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let began = Instant::now();
        stream.write_all(request).await.unwrap();
        let found = read_answer(&mut stream, &mut buffer).await;
        assert_eq!(found, status, "{}", String::from_utf8_lossy(&buffer));
        latencies_ms.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    latencies_ms
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> u16 {
    buffer.clear();
    let head = loop {
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            break end + 4;
        }
        assert_ne!(stream.read_buf(buffer).await.unwrap(), 0, "the service hung up");
    };
    let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
    let status: u16 = text[9..12].parse().unwrap();
    let length: usize = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |length| length.trim().parse().unwrap());
    while buffer.len() < head + length && status != 304 {
        assert_ne!(stream.read_buf(buffer).await.unwrap(), 0, "the service hung up");
    }
    status
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// An HTTP/1.1 request with a bearer token.
pub fn request(method: &str, path: &str, token: &str, extra: &str, body: &str) -> Vec<u8> {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n{extra}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    head.into_bytes()
}

/// Runs a service in a thread of its own, as it runs in earnest but for the clock.
pub struct Running {
    pub address: SocketAddr,
    stop: tokio::sync::oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl Running {
    pub fn start(config: holdfast::config::Config, how: holdfast::service::Circumstances) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let store = holdfast::store::Store::open(
                    &config.database,
                    config.database_connections,
                    [0; 32],
                )
                .unwrap();
                let service = holdfast::service::Service::start(&config, store, how).await.unwrap();
                tell.send(service.address).unwrap();
                stopped.await.unwrap();
                service.stop().await;
            });
        });
        Self { address: told.recv().unwrap(), stop, thread }
    }

    pub fn stop(self) {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap();
    }
}
