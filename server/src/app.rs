//! The service's own pages, from files that are part of the program.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use compliance::instant::SECOND_MS;
use rust_embed::RustEmbed;
use serde::Serialize;
use utoipa_swagger_ui::{Config as ReferenceConfig, SwaggerUi};

use crate::ZONE;
use crate::http::openapi;
use crate::http::problem::{Kind, Problem};
use crate::identity::hex;
use crate::service::App;
use crate::store::{StoreError, Tx, alerts, heartbeats, obligations, orders};

/// A sweep that is older than this, by the service's own clock, has stopped.
const SWEEP_AGE_MS_MAX: i64 = 5 * SECOND_MS;

/// After this nobody may take it for a hiccup.
const SWEEP_GONE_MS: i64 = 60 * SECOND_MS;

#[derive(RustEmbed)]
#[folder = "../app/"]
#[exclude = "screens/*"]
#[exclude = "*.md"]
#[exclude = "*.d.ts"]
#[exclude = "vendor/update"]
pub struct Files;

pub fn configure(config: &mut ServiceConfig) {
    let reference = ReferenceConfig::new([format!("{}/openapi.yaml", crate::http::BASE)])
        .validator_url("none")
        .try_it_out_enabled(true)
        .use_base_layout();
    config
        .route("/", web::get().to(front))
        .route("/concern", web::get().to(concern))
        .route("/concern/follow", web::get().to(concern_follow))
        .configure(crate::officer_app::configure)
        .route("/app/{file:.*}", web::get().to(file))
        .route("/problems", web::get().to(problems))
        .route("/problems/{slug}", web::get().to(problems))
        .route("/health/live", web::get().to(live))
        .route("/health/ready", web::get().to(ready))
        .route("/api/v1/openapi.yaml", web::get().to(openapi_yaml))
        .route("/api/reference", web::get().to(to_reference))
        .service(
            web::scope("/api/reference")
                .wrap(actix_web::middleware::from_fn(let_reference_style_itself))
                .route("/", web::get().to(reference_page))
                .service(SwaggerUi::new("/{_:.*}").config(reference)),
        );
}

/// How the service is, for its front page and for whoever watches it.
#[derive(Debug, Clone, Copy)]
pub struct Vitals {
    pub orders: i64,
    pub obligations: i64,
    pub open_alerts: i64,
    pub unacknowledged_alerts: i64,
    pub nobody_reachable_alerts: i64,
    pub sweep: Option<heartbeats::Heartbeat>,
}

pub fn vitals(tx: &mut Tx<'_>) -> Result<Vitals, StoreError> {
    Ok(Vitals {
        orders: orders::count(tx)?,
        obligations: obligations::count(tx)?,
        open_alerts: alerts::count_open(tx)?,
        unacknowledged_alerts: alerts::count_unacknowledged(tx)?,
        nobody_reachable_alerts: alerts::count_nobody_reachable(tx)?,
        sweep: heartbeats::last(tx, heartbeats::SWEEP)?,
    })
}

async fn front(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let vitals = app.store.read(vitals).await.map_err(|error: StoreError| Problem::from(error))?;
    let watching = watching(&app, vitals.sweep);
    let class = if watching.is_watching { "state state--ok" } else { "state state--bad" };
    let swept = vitals.sweep.map(|beat| beat.beat_at.utc().with_timezone(&ZONE));
    let time = swept.map_or_else(|| "Never".to_owned(), |at| at.format("%H:%M:%S").to_string());
    let day = swept.map(|at| at.format("%a %-d %b").to_string()).unwrap_or_default();
    page(
        &app,
        "front.html",
        &[
            ("state_class", class.to_owned()),
            ("state", watching.says.to_owned()),
            ("orders", thousands(vitals.orders)),
            ("obligations", thousands(vitals.obligations)),
            ("open_alerts", thousands(vitals.open_alerts)),
            ("unacknowledged", thousands(vitals.unacknowledged_alerts)),
            ("nobody_reachable", thousands(vitals.nobody_reachable_alerts)),
            ("sweep_time", time),
            ("sweep_day", day),
        ],
    )
}

/// For anybody, without an account.
async fn concern(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    page(&app, "concern.html", &[])
}

async fn concern_follow(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    page(&app, "concern-follow.html", &[])
}

async fn problems(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let slug = request.match_info().get("slug");
    let asked = slug.map(|slug| Kind::of_slug(slug).ok_or_else(|| Problem::new(Kind::NotFound)));
    let asked = asked.transpose()?;
    let row = |kind: &Kind| {
        format!(
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
            kind.slug(),
            kind.status().as_u16(),
            escaped(kind.title()),
            with_code(kind.advice()),
        )
    };
    let shown = Kind::ALL.iter().filter(|kind| asked.is_none_or(|asked| asked == **kind));
    let rows = shown.map(row).collect::<Vec<_>>().join("\n");
    page(&app, "problems.html", &[("rows", rows)])
}

async fn reference_page(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    page(&app, "reference.html", &[])
}

/// A page that is about one thing: what is put into it is escaped here.
pub fn escaped_page(
    app: &App,
    name: &str,
    values: &[(&str, String)],
) -> Result<HttpResponse, Problem> {
    let values: Vec<(&str, String)> =
        values.iter().map(|(name, value)| (*name, safe(value))).collect();
    page(app, name, &values)
}

/// One of the pages in `app/`, with its marks filled in. What is filled in must be escaped.
pub fn page(app: &App, name: &str, values: &[(&str, String)]) -> Result<HttpResponse, Problem> {
    let text = source(name).ok_or_else(|| Problem::new(Kind::NotFound))?;
    let training = if app.is_training {
        "<div class=\"training\"><p>Training environment. Nobody in it exists.</p></div>"
    } else {
        ""
    };
    let of_every_page = [
        ("force_name", escaped(&app.force_name)),
        ("training", training.to_owned()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    let text = filled(filled(text, &of_every_page), values);
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(text))
}

/// A page of `app/` as it is in the program.
pub fn source(name: &str) -> Option<String> {
    Files::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned())
}

/// A page with its marks filled in. What is filled in must be escaped.
pub fn filled(mut text: String, values: &[(&str, String)]) -> String {
    for (name, value) in values {
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    text
}

/// Escaped, and a brace in it is not a place for another value.
pub fn safe(text: &str) -> String {
    escaped(text).replace('{', "&#123;")
}

pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What stands in backticks is code.
fn with_code(text: &str) -> String {
    let mut is_code = false;
    let parts = text.split('`').map(|part| {
        let part = escaped(part);
        let shown = if is_code { format!("<code>{part}</code>") } else { part };
        is_code = !is_code;
        shown
    });
    parts.collect()
}

/// 1234567 as "1,234,567".
fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

async fn file(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    // The phone app's are served in its own place, under its own policy.
    let file = Files::get(&name).filter(|_| !crate::officer_app::is_part(&name));
    let file = file.ok_or_else(|| Problem::new(Kind::NotFound))?;
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()));
    let known = request.headers().get(IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    if known == Some(etag.as_str()) {
        return Ok(HttpResponse::NotModified().finish());
    }
    let kind = kind_of(&name).ok_or_else(|| Problem::new(Kind::NotFound))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header(("cache-control", "no-cache"))
        .insert_header((ETAG, etag))
        .body(file.data.into_owned()))
}

/// What a file is; none of those that are given out as they are.
pub fn kind_of(name: &str) -> Option<&'static str> {
    Some(match name.rsplit('.').next()? {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("live\n")
}

/// Whether the service does its work: the database answers and the sweep has run.
#[derive(Debug, Serialize)]
struct Readiness {
    is_ready: bool,
    /// Milliseconds by the service's clock; empty when no sweep has ever completed.
    sweep_age_ms: Option<i64>,
    says: &'static str,
}

async fn ready(app: web::Data<App>) -> HttpResponse {
    let last = app.store.read(|tx| heartbeats::last(tx, heartbeats::SWEEP)).await;
    let readiness = match last {
        Ok(beat) => {
            let sweep_age_ms = age_ms(&app, beat);
            let is_ready = sweep_age_ms.is_some_and(|age_ms| age_ms <= sweep_age_ms_max(&app));
            let says = if is_ready { "ready" } else { "the sweep has not run" };
            Readiness { is_ready, sweep_age_ms, says }
        }
        Err(error) => {
            let error: StoreError = error;
            tracing::error!(%error, source = ?error, "not ready");
            let says = "the database does not answer";
            Readiness { is_ready: false, sweep_age_ms: None, says }
        }
    };
    let mut response =
        if readiness.is_ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(readiness)
}

/// A sweep that was ahead of the clock is none of now either: the clock was put back since, and a sweep
/// that goes on says so at once.
fn age_ms(app: &App, beat: Option<heartbeats::Heartbeat>) -> Option<i64> {
    beat.map(|beat| (app.clock.now() - beat.beat_at).abs())
}

/// Whether silence is noticed, and what to say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watching {
    pub is_watching: bool,
    pub says: &'static str,
}

pub fn watching(app: &App, beat: Option<heartbeats::Heartbeat>) -> Watching {
    let age_ms = age_ms(app, beat);
    let is_within = |most_ms: i64| age_ms.is_some_and(|age_ms| age_ms <= most_ms);
    let is_watching = is_within(sweep_age_ms_max(app));
    let says = if is_watching {
        "Running and watching"
    } else if is_within(SWEEP_GONE_MS * app.clock.speed()) {
        "Not watching: the sweep has stopped"
    } else {
        "Not watching for over a minute: nobody notices a missed sign-on. Restart the service"
    };
    Watching { is_watching, says }
}

fn sweep_age_ms_max(app: &App) -> i64 {
    SWEEP_AGE_MS_MAX * app.clock.speed()
}

async fn openapi_yaml() -> HttpResponse {
    HttpResponse::Ok().content_type("application/yaml").body(openapi::yaml())
}

async fn to_reference() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("location", "/api/reference/")).finish()
}

/// The reference's own scripts write styles into its page; nothing else may.
async fn let_reference_style_itself(
    request: actix_web::dev::ServiceRequest,
    next: actix_web::middleware::Next<impl actix_web::body::MessageBody>,
) -> Result<actix_web::dev::ServiceResponse<impl actix_web::body::MessageBody>, actix_web::Error> {
    let mut answered = next.call(request).await?;
    let policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                  img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                  frame-ancestors 'none'";
    let policy = actix_web::http::header::HeaderValue::from_static(policy);
    answered.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(answered)
}
