//! The routes, as one readable table. Each operation has its file, named by its `operationId`.

pub mod caller;
pub mod confirm_sign_on;
pub mod list_due;
pub mod openapi;
pub mod problem;
pub mod wire;

use actix_web::ResponseError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::{self, ServiceConfig};
use utoipa_actix_web::service_config::ServiceConfig as ApiConfig;

use self::problem::{Kind, Problem};

pub const BASE: &str = "/api/v1";

/// Every operation of the API.
pub fn operations(api: &mut ApiConfig<'_>) {
    api.service(list_due::list_due);
    api.service(confirm_sign_on::confirm_sign_on);
}

/// Everything the service answers.
pub fn configure(config: &mut ServiceConfig) {
    fn unreadable(error: impl std::fmt::Display) -> actix_web::Error {
        Problem::because(Kind::InvalidParameter, error.to_string()).into()
    }
    config
        .app_data(web::PathConfig::default().error_handler(|error, _| unreadable(error)))
        .app_data(web::QueryConfig::default().error_handler(|error, _| unreadable(error)))
        .configure(crate::app::configure)
        .service(web::scope(BASE).configure(|scope| operations(&mut ApiConfig::new(scope))))
        .default_service(web::to(openapi::unmatched));
}

/// Puts on every answer what browsers need to be told, and makes a problem of every refusal that is
/// none yet.
pub async fn finish(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let answered = next.call(request).await?.map_into_boxed_body();
    let status = answered.status();
    let is_problem = answered
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    let mut answered = if status.is_client_error() && !is_problem {
        let kind = match status {
            StatusCode::NOT_FOUND => Kind::NotFound,
            StatusCode::PAYLOAD_TOO_LARGE => Kind::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::WrongMediaType,
            _ => Kind::InvalidParameter,
        };
        answered.into_response(Problem::new(kind).error_response())
    } else {
        answered
    };
    let headers = answered.headers_mut();
    for (name, value) in HEADERS {
        let (name, value) = (HeaderName::from_static(name), HeaderValue::from_static(value));
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    Ok(answered)
}

/// Nothing from elsewhere runs, frames or caches what is answered here.
const HEADERS: [(&str, &str); 9] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
    ),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "geolocation=(self), camera=(), microphone=()"),
    ("cache-control", "no-store"),
    ("x-frame-options", "DENY"),
];
