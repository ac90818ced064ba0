//! The routes, as one readable table. Each operation has its file, named by its `operationId`.

pub mod acknowledge_alert;
pub mod acknowledge_alert_group;
pub mod add_task;
pub mod allocate_concern;
pub mod answer_transfer;
pub mod assign_owners;
pub mod authorise_breach;
pub mod back_test;
pub mod caller;
pub mod cancel_session;
pub mod claim_excuse;
pub mod close_station;
pub mod complete_task;
pub mod concern_act;
pub mod conclude_concern;
pub mod confirm_sign_on;
pub mod create_account;
pub mod create_provider_link;
pub mod decide_alert;
pub mod decide_appeal;
pub mod decide_breach;
pub mod decide_excuse;
pub mod disable_account;
pub mod end_feed;
pub mod end_ladder;
pub mod end_order;
pub mod end_provider_link;
pub mod end_rota_entry;
pub mod end_warning;
pub mod enrol_phone_key;
pub mod explain_alert;
pub mod explain_finding;
pub mod follow_concern;
pub mod get_alert;
pub mod get_check_in;
pub mod get_compliance;
pub mod get_concern;
pub mod get_evidence_pack;
pub mod get_figures;
pub mod get_figures_file;
pub mod get_invariants;
pub mod get_me;
pub mod get_notification;
pub mod get_notification_receipt;
pub mod get_order;
pub mod get_order_card;
pub mod get_order_timeline;
pub mod get_photo;
pub mod get_preflight;
pub mod get_push_key;
pub mod get_status;
pub mod get_subject_calendar;
pub mod get_task;
pub mod get_triage;
pub mod hand_over_alert;
pub mod ingest_positions;
pub mod link_concern;
pub mod lint_order;
pub mod list_accounts;
pub mod list_alerts;
pub mod list_attention;
pub mod list_colleagues;
pub mod list_concerns;
pub mod list_devices;
pub mod list_due;
pub mod list_failures;
pub mod list_feeds;
pub mod list_ladders;
pub mod list_ledger_entries;
pub mod list_notifications;
pub mod list_order_versions;
pub mod list_orders;
pub mod list_phone_keys;
pub mod list_positions;
pub mod list_protected_times;
pub mod list_provider_links;
pub mod list_provider_sessions;
pub mod list_providers;
pub mod list_rota;
pub mod list_session_outcomes;
pub mod list_sessions;
pub mod list_stations;
pub mod list_subject_conditions;
pub mod list_tasks;
pub mod make_order;
pub mod move_session;
pub mod note_on_alert;
pub mod open_breach_case;
pub mod openapi;
pub mod problem;
pub mod provider_caller;
pub mod reassign_task;
pub mod record;
pub mod record_appeal;
pub mod record_breach_progress;
pub mod record_clash_reason;
pub mod record_concern;
pub mod record_concern_action;
pub mod record_details_change;
pub mod record_examination;
pub mod record_excuse_evidence;
pub mod record_identity_request;
pub mod record_notification;
pub mod record_notification_exemption;
pub mod record_order;
pub mod record_order_version;
pub mod record_photo;
pub mod record_plan_review;
pub mod record_presentation_answer;
pub mod record_protected_time;
pub mod record_receipt;
pub mod record_referral;
pub mod record_request_communication;
pub mod record_rota_entry;
pub mod record_service_attempt;
pub mod record_session_evidence;
pub mod record_session_outcome;
pub mod record_sighting;
pub mod record_status_period;
pub mod record_warning;
pub mod register_device;
pub mod reopen_concern;
pub mod report_phone_lost;
pub mod report_provider_outcome;
pub mod request_presentation;
pub mod request_transfer;
pub mod review_concern;
pub mod revoke_phone_key;
pub mod schedule_session;
pub mod sealed_check_in;
pub mod send_test_alarm;
pub mod set_condition_plan;
pub mod set_email;
pub mod set_ladder;
pub mod sign_in;
pub mod sign_off_concern;
pub mod sign_out;
pub mod start_feed;
pub mod stream_alerts;
pub mod submit_concern;
pub mod subscribe_push;
pub mod supersede_check_in;
pub mod supersede_record;
pub mod sync;
pub mod taken_version;
pub mod triage_concern;
pub mod unsubscribe_push;
pub mod update_reporter;
pub mod wire;
pub mod withdraw_draft;

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
    // The session at hand.
    api.service(sign_in::sign_in);
    api.service(sign_out::sign_out);
    api.service(get_me::get_me);
    // Sign-ons.
    api.service(list_stations::list_stations);
    api.service(list_due::list_due);
    api.service(confirm_sign_on::confirm_sign_on);
    api.service(get_check_in::get_check_in);
    api.service(explain_finding::explain_finding);
    api.service(supersede_check_in::supersede_check_in);
    api.service(sync::sync);
    api.service(report_phone_lost::report_phone_lost);
    api.service(enrol_phone_key::enrol_phone_key);
    api.service(list_phone_keys::list_phone_keys);
    api.service(revoke_phone_key::revoke_phone_key);
    // Cases.
    api.service(list_subject_conditions::list_subject_conditions);
    api.service(list_orders::list_orders);
    api.service(supersede_record::supersede_record);
    person(api);
    requirements(api);
    // Alerts, and the phones that they go to.
    api.service(list_alerts::list_alerts);
    api.service(stream_alerts::stream_alerts);
    api.service(get_alert::get_alert);
    api.service(explain_alert::explain_alert);
    api.service(acknowledge_alert::acknowledge_alert);
    api.service(acknowledge_alert_group::acknowledge_alert_group);
    api.service(note_on_alert::note_on_alert);
    api.service(hand_over_alert::hand_over_alert);
    api.service(list_colleagues::list_colleagues);
    api.service(decide_alert::decide_alert);
    escalation(api);
    triage(api);
    api.service(get_push_key::get_push_key);
    api.service(subscribe_push::subscribe_push);
    api.service(unsubscribe_push::unsubscribe_push);
    api.service(record_receipt::record_receipt);
    concerns(api);
    tasks(api);
    // Supervision.
    api.service(list_attention::list_attention);
    api.service(get_compliance::get_compliance);
    api.service(back_test::back_test);
    api.service(get_figures::get_figures);
    api.service(get_figures_file::get_figures_file);
    api.service(get_invariants::get_invariants);
    api.service(get_order_timeline::get_order_timeline);
    // The ledger, accounts, the service itself.
    api.service(list_ledger_entries::list_ledger_entries);
    api.service(list_accounts::list_accounts);
    api.service(create_account::create_account);
    api.service(set_email::set_email);
    api.service(disable_account::disable_account);
    api.service(get_status::get_status);
}

/// What a failure comes to: an excuse, a suspected breach.
fn triage(api: &mut ApiConfig<'_>) {
    api.service(get_triage::get_triage);
    api.service(claim_excuse::claim_excuse);
    api.service(record_excuse_evidence::record_excuse_evidence);
    api.service(decide_excuse::decide_excuse);
    api.service(open_breach_case::open_breach_case);
    api.service(decide_breach::decide_breach);
    api.service(authorise_breach::authorise_breach);
    api.service(record_breach_progress::record_breach_progress);
    api.service(list_failures::list_failures);
    api.service(get_evidence_pack::get_evidence_pack);
}

/// Reports of concern, from whoever is concerned to whoever signs off.
fn concerns(api: &mut ApiConfig<'_>) {
    api.service(submit_concern::submit_concern);
    api.service(follow_concern::follow_concern);
    api.service(list_concerns::list_concerns);
    api.service(record_concern::record_concern);
    api.service(get_concern::get_concern);
    api.service(triage_concern::triage_concern);
    api.service(allocate_concern::allocate_concern);
    api.service(record_concern_action::record_concern_action);
    api.service(conclude_concern::conclude_concern);
    api.service(sign_off_concern::sign_off_concern);
    api.service(update_reporter::update_reporter);
    api.service(review_concern::review_concern);
    api.service(reopen_concern::reopen_concern);
    api.service(link_concern::link_concern);
}

/// What officers see of the person before they meet them.
fn person(api: &mut ApiConfig<'_>) {
    api.service(record_warning::record_warning);
    api.service(end_warning::end_warning);
    api.service(record_photo::record_photo);
    api.service(get_photo::get_photo);
}

/// What has to be done beside sign-ons.
fn tasks(api: &mut ApiConfig<'_>) {
    api.service(list_tasks::list_tasks);
    api.service(get_task::get_task);
    api.service(add_task::add_task);
    api.service(complete_task::complete_task);
    api.service(reassign_task::reassign_task);
}

/// Whom alerts climb to, and who is there to be told.
fn escalation(api: &mut ApiConfig<'_>) {
    api.service(list_rota::list_rota);
    api.service(record_rota_entry::record_rota_entry);
    api.service(end_rota_entry::end_rota_entry);
    api.service(list_ladders::list_ladders);
    api.service(set_ladder::set_ladder);
    api.service(end_ladder::end_ladder);
    api.service(get_preflight::get_preflight);
    api.service(send_test_alarm::send_test_alarm);
}

/// What is recorded of an order, and of what it asks for and forbids.
fn requirements(api: &mut ApiConfig<'_>) {
    // The life of an order.
    api.service(record_order::record_order);
    api.service(make_order::make_order);
    api.service(withdraw_draft::withdraw_draft);
    api.service(record_order_version::record_order_version);
    api.service(list_order_versions::list_order_versions);
    api.service(get_order::get_order);
    api.service(lint_order::lint_order);
    api.service(get_order_card::get_order_card);
    api.service(get_subject_calendar::get_subject_calendar);
    api.service(record_service_attempt::record_service_attempt);
    api.service(assign_owners::assign_owners);
    api.service(end_order::end_order);
    api.service(record_appeal::record_appeal);
    api.service(decide_appeal::decide_appeal);
    api.service(request_transfer::request_transfer);
    api.service(answer_transfer::answer_transfer);
    api.service(record_status_period::record_status_period);
    api.service(close_station::close_station);
    // What only people can look after.
    api.service(list_protected_times::list_protected_times);
    api.service(record_protected_time::record_protected_time);
    api.service(record_clash_reason::record_clash_reason);
    api.service(set_condition_plan::set_condition_plan);
    api.service(record_plan_review::record_plan_review);
    // Devices.
    api.service(list_devices::list_devices);
    api.service(register_device::register_device);
    api.service(request_presentation::request_presentation);
    api.service(record_request_communication::record_request_communication);
    api.service(record_presentation_answer::record_presentation_answer);
    api.service(record_examination::record_examination);
    // Treatment, and what its providers may see and say of it.
    api.service(list_providers::list_providers);
    api.service(list_session_outcomes::list_session_outcomes);
    api.service(record_referral::record_referral);
    api.service(list_sessions::list_sessions);
    api.service(schedule_session::schedule_session);
    api.service(move_session::move_session);
    api.service(cancel_session::cancel_session);
    api.service(record_session_outcome::record_session_outcome);
    api.service(record_session_evidence::record_session_evidence);
    api.service(create_provider_link::create_provider_link);
    api.service(list_provider_links::list_provider_links);
    api.service(end_provider_link::end_provider_link);
    api.service(list_provider_sessions::list_provider_sessions);
    api.service(report_provider_outcome::report_provider_outcome);
    // The statute's own duty to notify.
    api.service(list_notifications::list_notifications);
    api.service(record_notification::record_notification);
    api.service(get_notification::get_notification);
    api.service(get_notification_receipt::get_notification_receipt);
    api.service(record_details_change::record_details_change);
    api.service(record_identity_request::record_identity_request);
    api.service(record_notification_exemption::record_notification_exemption);
    // Where the subject is.
    api.service(record_sighting::record_sighting);
    api.service(list_feeds::list_feeds);
    api.service(start_feed::start_feed);
    api.service(end_feed::end_feed);
    api.service(ingest_positions::ingest_positions);
    api.service(list_positions::list_positions);
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
