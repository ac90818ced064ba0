//! The API's description, made from the code. `holdfast openapi` prints it and the tests compare it
//! with `mobile-api-spec/openapi.yaml`.

use actix_web::{App, HttpRequest, HttpResponse};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    ResponseBuilder, SecurityRequirement, Server, path::Operation,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;

use super::caller::COOKIE;
use super::problem::{FieldError, Kind, Problem, ProblemBody};
use super::sealed_check_in::SealedSignOn;

const ABOUT: &str = "Holds people to stalking protection orders. Ids are UUIDs, made by the client \
    (version 7) for what it puts, so that sending again is harmless. Times are RFC 3339. Unknown \
    fields are refused. Every refusal is an RFC 9457 problem with a slug that never changes; \
    `problems.md` says what to do about each.";

/// The whole description.
pub fn description() -> OpenApi {
    let base = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Holdfast")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT))
                .build(),
        )
        .servers(Some([Server::new("/")]))
        .components(Some(
            ComponentsBuilder::new()
                .schema(ProblemBody::name(), ProblemBody::schema())
                .schema(FieldError::name(), FieldError::schema())
                // No body by itself: what phones sign.
                .schema(SealedSignOn::name(), SealedSignOn::schema())
                .security_scheme("bearer", bearer())
                .security_scheme("cookie", cookie())
                .security_scheme("provider", provider())
                .build(),
        ))
        .security(Some([
            SecurityRequirement::new("bearer", Vec::<String>::new()),
            SecurityRequirement::new("cookie", Vec::<String>::new()),
        ]))
        .build();
    let (_, mut api) = App::new()
        .into_utoipa_app()
        .openapi(base)
        .service(utoipa_actix_web::scope::scope(super::BASE).configure(super::operations))
        .split_for_parts();
    for item in api.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        operations.into_iter().flatten().for_each(add_problems);
    }
    api
}

/// As it is checked in.
pub fn yaml() -> String {
    description().to_yaml().unwrap_or_default()
}

fn bearer() -> SecurityScheme {
    let about = "The token that `sign_in` gives to an app.";
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(about));
    SecurityScheme::Http(scheme.build())
}

fn provider() -> SecurityScheme {
    let about = "The token that `create_provider_link` gives; good for a provider's own sessions.";
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(about));
    SecurityScheme::Http(scheme.build())
}

fn cookie() -> SecurityScheme {
    let about = "The cookie that `sign_in` sets in a browser.";
    SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(COOKIE, about)))
}

/// Every operation can be refused.
fn add_problems(operation: &mut Operation) {
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemBody::name()))).build();
    let refused = ResponseBuilder::new()
        .description("Refused; `problems.md` lists every slug")
        .content("application/problem+json", content)
        .build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(refused));
}

/// Answers what no route does: 405 where another method would do, 404 elsewhere.
pub async fn unmatched(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let allowed = methods_at(request.path());
    if allowed.is_empty() {
        return Err(Problem::new(Kind::NotFound));
    }
    let problem = Problem::new(Kind::MethodNotAllowed);
    Err(Problem { allow: Some(allowed.join(", ")), ..problem })
}

fn methods_at(path: &str) -> Vec<&'static str> {
    let api = description();
    let found = api.paths.paths.iter().find(|(template, _)| is_match(template, path));
    let Some((_, item)) = found else { return Vec::new() };
    let methods = [
        ("GET", item.get.is_some()),
        ("PUT", item.put.is_some()),
        ("POST", item.post.is_some()),
        ("DELETE", item.delete.is_some()),
    ];
    methods.into_iter().filter(|(_, is_there)| *is_there).map(|(method, _)| method).collect()
}

fn is_match(template: &str, path: &str) -> bool {
    let (mut wanted, mut found) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(wanted), Some(found)) if wanted.starts_with('{') || wanted == found => {}
            _ => return false,
        }
    }
}
