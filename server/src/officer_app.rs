//! The officers' phone app: a page, its modules, and the worker that lets it open without a signal.
//! What it does is in `app/officer/`; here is only what a file cannot know about itself.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use url::Url;

use crate::app::{Files, filled, kind_of, safe, source};
use crate::http::problem::{Kind, Problem};
use crate::identity::{hex, sha256};
use crate::service::App;
use crate::store::id::AlertId;

/// Where the app is; nothing of it is served from elsewhere.
const HOME: &str = "/officer/";
const FOLDER: &str = "officer/";
const LIBRARIES: &str = "vendor/";
const WORKER: &str = "officer/sw.js";
const BUILD_CHARS: usize = 16;

/// Whether a file is the app's, and given out by it alone.
pub fn is_part(name: &str) -> bool {
    name.starts_with(FOLDER) || name.starts_with(LIBRARIES)
}

/// Where somebody who is told of an alert finds it.
pub fn alert_link(public_url: &Url, alert: AlertId) -> String {
    format!("{public_url}officer/#/alert/{alert}")
}

pub fn configure(config: &mut ServiceConfig) {
    config
        .app_data(web::Data::new(Packed::default()))
        .route("/officer", web::get().to(to_home))
        .route("/officer/", web::get().to(page))
        .route("/officer/sw.js", web::get().to(worker))
        .route("/officer/{file:.*}", web::get().to(file));
}

async fn to_home() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("location", HOME)).finish()
}

/// The files that the app runs on, by address, and what tells this set of them from any other.
struct Build {
    id: String,
    addresses: Vec<String>,
}

impl Build {
    fn of_files() -> Self {
        let is_used = |name: &str| {
            let is_library = name.starts_with(LIBRARIES) && name.ends_with(".js");
            let kept = [".js", ".css", ".svg", ".png", ".webmanifest"];
            is_library || (name.starts_with(FOLDER) && kept.iter().any(|end| name.ends_with(end)))
        };
        let mut names: Vec<_> = Files::iter().filter(|name| is_used(name)).collect();
        names.sort();
        let page = Files::get("officer/index.html").map(|file| file.metadata.sha256_hash());
        let mut digests = page.unwrap_or_default().to_vec();
        for name in &names {
            digests.extend(name.as_bytes());
            digests
                .extend(Files::get(name).map(|it| it.metadata.sha256_hash()).unwrap_or_default());
        }
        let id = hex(&sha256(&digests)).chars().take(BUILD_CHARS).collect();
        let addresses = names.iter().filter(|name| *name != WORKER).map(|name| address(name));
        Self { id, addresses: addresses.collect() }
    }

    /// All modules at once: the browser need not read one to know of the next.
    fn preloads(&self) -> String {
        let modules = self.addresses.iter().filter(|address| address.ends_with(".js"));
        modules.map(|module| format!("<link rel=\"modulepreload\" href=\"{module}\">\n")).collect()
    }
}

fn address(name: &str) -> String {
    if name.starts_with(LIBRARIES) { format!("{HOME}{name}") } else { format!("/{name}") }
}

async fn page(
    app: web::Data<App>,
    packed: web::Data<Packed>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let build = Build::of_files();
    let is_training = if app.is_training { "yes" } else { "no" };
    let values = [
        ("preloads", build.preloads()),
        ("build", build.id.clone()),
        ("is_training", is_training.to_owned()),
        ("force_name", safe(&app.force_name)),
    ];
    let text = filled(read("officer/index.html")?, &values);
    let policy = policy(&text);
    let mut answer = packed.answer(&request, "text/html; charset=utf-8", text.into_bytes());
    if let Ok(policy) = policy.parse() {
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(answer)
}

/// Besides the app's own files only its import map runs, which has to stand in the page.
fn policy(page: &str) -> String {
    let map = page
        .split_once("<script type=\"importmap\">")
        .and_then(|(_, rest)| rest.split_once("</script>"))
        .map(|(map, _)| STANDARD.encode(sha256(map.as_bytes())))
        .unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' 'sha256-{map}'; style-src 'self'; \
         img-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types holdfast"
    )
}

async fn worker(packed: web::Data<Packed>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let build = Build::of_files();
    let files = serde_json::to_string(&build.addresses).unwrap_or_default();
    let text = filled(read(WORKER)?, &[("build", build.id), ("files", files)]);
    Ok(packed.answer(&request, "text/javascript; charset=utf-8", text.into_bytes()))
}

async fn file(
    packed: web::Data<Packed>,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let name = name.into_inner();
    let name = if name.starts_with(LIBRARIES) { name } else { format!("{FOLDER}{name}") };
    let kind = kind_of(&name).ok_or_else(|| Problem::new(Kind::NotFound))?;
    let file = Files::get(&name).ok_or_else(|| Problem::new(Kind::NotFound))?;
    Ok(packed.answer(&request, kind, file.data.into_owned()))
}

fn read(name: &str) -> Result<String, Problem> {
    source(name).ok_or_else(|| Problem::new(Kind::NotFound))
}

/// Files as they travel, by their digest: each is packed once.
#[derive(Default)]
struct Packed(Mutex<BTreeMap<[u8; 32], Arc<Vec<u8>>>>);

impl Packed {
    fn answer(&self, request: &HttpRequest, kind: &str, content: Vec<u8>) -> HttpResponse {
        let digest = sha256(&content);
        let etag = format!("\"{}\"", hex(&digest));
        let said = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let mut answer = if said(IF_NONE_MATCH) == Some(etag.as_str()) {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        answer
            .insert_header((ETAG, etag.clone()))
            .insert_header((CACHE_CONTROL, "no-cache"))
            .insert_header((VARY, "accept-encoding"));
        if said(IF_NONE_MATCH) == Some(etag.as_str()) {
            return answer.finish();
        }
        answer.insert_header((CONTENT_TYPE, kind));
        let takes_gzip = said(ACCEPT_ENCODING).is_some_and(|taken| taken.contains("gzip"));
        let packed = match takes_gzip && kind != "image/png" {
            true => self.packed(digest, &content),
            false => None,
        };
        match packed {
            Some(packed) => {
                answer.insert_header((CONTENT_ENCODING, "gzip")).body(packed.as_ref().clone())
            }
            None => answer.body(content),
        }
    }

    fn packed(&self, digest: [u8; 32], content: &[u8]) -> Option<Arc<Vec<u8>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(packed) = kept.get(&digest) {
            return Some(packed.clone());
        }
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(content).ok()?;
        let packed = Arc::new(packer.finish().ok()?);
        kept.insert(digest, packed.clone());
        Some(packed)
    }
}
