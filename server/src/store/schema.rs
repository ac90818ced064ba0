//! The tables as diesel sees them; `tests` compare them with the databases.

mod concerns;
mod delivery;
mod held_records;
// Tables have the names that these files have.
#[path = "schema/sealed_records.rs"]
mod sealed_record_tables;
#[path = "schema/tasks.rs"]
mod task_tables;

pub use self::concerns::{
    concern_acts, concern_numbers, concern_reporters, concern_reports, throttles,
};
pub use self::delivery::{channels, deliveries, jobs, push_subscriptions, receipts, streams};
pub use self::held_records::{station_phones, unconfirmed_misses};
pub use self::sealed_record_tables::{check_in_seals, phone_keys, record_gaps, sealed_records};
pub use self::task_tables::{task_beginnings, tasks};

diesel::table! {
    change_counter (id) {
        id -> Integer,
        value -> BigInt,
    }
}

diesel::table! {
    instance_keys (name) {
        name -> Text,
        value -> Binary,
    }
}

diesel::table! {
    heartbeats (name) {
        name -> Text,
        beat_at -> BigInt,
        took_ms -> BigInt,
    }
}

diesel::table! {
    invariants (name) {
        name -> Text,
        looked_at -> BigInt,
        violations -> BigInt,
    }
}

diesel::table! {
    stations (id) {
        id -> Binary,
        code -> Text,
        name -> Text,
        latitude -> Double,
        longitude -> Double,
        radius_m -> Double,
        opening_hours -> Text,
        on_bank_holidays -> Text,
        police_area -> Text,
    }
}

diesel::table! {
    accounts (id) {
        id -> Binary,
        username -> Text,
        display_name -> Text,
        role -> Text,
        password_hash -> Text,
        created_at -> BigInt,
        disabled_at -> Nullable<BigInt>,
        email -> Nullable<Text>,
    }
}

diesel::table! {
    account_stations (account_id, station_id) {
        account_id -> Binary,
        station_id -> Binary,
    }
}

diesel::table! {
    sessions (token_digest) {
        token_digest -> Binary,
        account_id -> Binary,
        carrier -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sign_in_failures (username_digest) {
        username_digest -> Binary,
        failures -> BigInt,
        locked_until -> BigInt,
    }
}

diesel::table! {
    subjects (id) {
        id -> Binary,
        reference -> Text,
        given_names -> Text,
        family_name -> Text,
        born_on -> Date,
    }
}

diesel::table! {
    orders (id) {
        id -> Binary,
        reference -> Text,
        subject_id -> Binary,
        kind -> Text,
        court -> Text,
        made_on -> Nullable<Date>,
        served_at -> Nullable<BigInt>,
        intake_served_at -> Nullable<BigInt>,
        ends_on -> Nullable<Date>,
        risk -> Text,
        owner_id -> Nullable<Binary>,
        made_by -> Text,
        making_force -> Text,
        managing_force -> Text,
        takes_effect_on -> Nullable<Date>,
        replaces_id -> Nullable<Binary>,
        deputy_id -> Nullable<Binary>,
        supervisor_id -> Nullable<Binary>,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
        watch_at -> Nullable<BigInt>,
        changed_in -> BigInt,
    }
}

diesel::table! {
    order_stations (order_id, station_id) {
        order_id -> Binary,
        station_id -> Binary,
    }
}

diesel::table! {
    account_orders (account_id, order_id) {
        account_id -> Binary,
        order_id -> Binary,
    }
}

diesel::table! {
    order_versions (id) {
        id -> Binary,
        order_id -> Binary,
        number -> BigInt,
        reason -> Text,
        note -> Text,
        in_force_from -> BigInt,
        recorded_at -> BigInt,
        recorded_by -> Nullable<Binary>,
        content_digest -> Binary,
    }
}

diesel::table! {
    conditions (id) {
        id -> Binary,
        order_version_id -> Binary,
        label -> Text,
        polarity -> Text,
        kind -> Text,
        wording -> Text,
        plain_words -> Text,
        valid_from -> Nullable<Date>,
        valid_until -> Nullable<Date>,
        station_id -> Nullable<Binary>,
        early_counts -> Bool,
        locality -> Nullable<Text>,
        supervised_by -> Text,
        necessity -> Text,
        plan_person -> Nullable<Text>,
        plan_review_on -> Nullable<Date>,
        details -> Text,
    }
}

diesel::table! {
    condition_alternates (condition_id, station_id) {
        condition_id -> Binary,
        station_id -> Binary,
    }
}

diesel::table! {
    schedules (id) {
        id -> Binary,
        condition_id -> Binary,
        zone -> Text,
        starts_on -> Date,
        rrule -> Nullable<Text>,
        exdates -> Text,
        rdates -> Text,
        opens -> Text,
        closes -> Text,
        applies_from -> BigInt,
        applies_until -> Nullable<BigInt>,
        enumerated_until -> BigInt,
        enumerate_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    obligations (id) {
        id -> Binary,
        order_id -> Binary,
        condition_id -> Binary,
        schedule_id -> Binary,
        station_id -> Binary,
        opens_at -> BigInt,
        closes_at -> BigInt,
        state -> Text,
        state_reason -> Nullable<Text>,
        fulfilled_by -> Nullable<Binary>,
        next_transition_at -> Nullable<BigInt>,
        changed_in -> BigInt,
    }
}

diesel::table! {
    check_ins (id) {
        id -> Binary,
        obligation_id -> Binary,
        order_id -> Binary,
        station_id -> Binary,
        confirmed_by -> Binary,
        identity_method -> Text,
        identity_result -> Text,
        attended_at -> BigInt,
        received_at -> BigInt,
        earliest_at -> BigInt,
        latest_at -> BigInt,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        accuracy_m -> Nullable<Double>,
        note -> Text,
        body_digest -> Binary,
        settled -> Bool,
        supersedes -> Nullable<Binary>,
        superseded_at -> Nullable<BigInt>,
        superseded_by -> Nullable<Binary>,
        superseded_reason -> Nullable<Text>,
    }
}

diesel::table! {
    check_in_conflicts (id) {
        id -> Binary,
        check_in_id -> Binary,
        received_from -> Binary,
        received_at -> BigInt,
        body -> Text,
        body_digest -> Binary,
    }
}

diesel::table! {
    findings (id) {
        id -> Binary,
        obligation_id -> Binary,
        check_in_id -> Nullable<Binary>,
        outcome -> Text,
        compliance -> Text,
        certainty -> Text,
        reasons -> Text,
        policy_version -> BigInt,
        found_at -> BigInt,
        superseded_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    alerts (id) {
        id -> Binary,
        dedupe_key -> Text,
        kind -> Text,
        severity -> Text,
        order_id -> Nullable<Binary>,
        obligation_id -> Nullable<Binary>,
        station_id -> Nullable<Binary>,
        account_id -> Nullable<Binary>,
        detail -> Text,
        concerns_at -> BigInt,
        triggered_at -> BigInt,
        state -> Text,
        nobody_reachable -> Bool,
        step -> BigInt,
        climbs_at -> Nullable<BigInt>,
        group_id -> Nullable<Binary>,
        acknowledged_at -> Nullable<BigInt>,
        acknowledged_by -> Nullable<Binary>,
        closed_at -> Nullable<BigInt>,
        closed_by -> Nullable<Binary>,
        close_reason -> Nullable<Text>,
        changed_in -> BigInt,
        certainty -> Nullable<Text>,
        nobody_reachable_since -> Nullable<BigInt>,
    }
}

diesel::table! {
    alert_events (id) {
        id -> Binary,
        alert_id -> Binary,
        kind -> Text,
        happened_at -> BigInt,
        actor -> Nullable<Binary>,
        to_account -> Nullable<Binary>,
        says -> Text,
    }
}

diesel::table! {
    ladders (id) {
        id -> Binary,
        station_id -> Nullable<Binary>,
        severity -> Text,
        steps -> Text,
        decide_within_ms -> BigInt,
        recorded_at -> BigInt,
        recorded_by -> Binary,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    rota_entries (id) {
        id -> Binary,
        kind -> Text,
        account_id -> Binary,
        rung -> Nullable<Text>,
        station_id -> Nullable<Binary>,
        covered_by -> Nullable<Binary>,
        from_at -> BigInt,
        until_at -> BigInt,
        recorded_at -> BigInt,
        recorded_by -> Binary,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    ledger_entries (chain, seq) {
        chain -> Text,
        seq -> BigInt,
        recorded_at -> BigInt,
        actor -> Nullable<Binary>,
        act -> Text,
        object -> Text,
        detail -> Text,
        body_digest -> Binary,
        digest -> Binary,
        salt -> Nullable<Binary>,
    }
}

diesel::table! {
    facts (id) {
        id -> Binary,
        kind -> Text,
        order_id -> Binary,
        object_id -> Binary,
        party_id -> Nullable<Binary>,
        happened_at -> BigInt,
        recorded_at -> BigInt,
        recorded_by -> Nullable<Binary>,
        body -> Text,
        body_digest -> Binary,
        says -> Text,
        superseded_at -> Nullable<BigInt>,
        superseded_by -> Nullable<Binary>,
        superseded_reason -> Nullable<Text>,
    }
}

diesel::table! {
    photos (fact_id) {
        fact_id -> Binary,
        image -> Binary,
    }
}

diesel::table! {
    timers (kind, object_id) {
        kind -> Text,
        object_id -> Binary,
        order_id -> Binary,
        due_at -> BigInt,
    }
}

diesel::table! {
    providers (id) {
        id -> Binary,
        code -> Text,
        name -> Text,
        contact -> Text,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
    }
}

diesel::table! {
    subject_homes (id) {
        id -> Binary,
        subject_id -> Binary,
        recorded_at -> BigInt,
        address -> Text,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
    }
}

diesel::table! {
    provider_links (token_digest) {
        token_digest -> Binary,
        id -> Binary,
        provider_id -> Binary,
        created_at -> BigInt,
        created_by -> Binary,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        ended_by -> Nullable<Binary>,
    }
}

diesel::table! {
    station_closures (id) {
        id -> Binary,
        station_id -> Binary,
        from_on -> Date,
        until_on -> Nullable<Date>,
        reason -> Text,
        recorded_at -> BigInt,
        recorded_by -> Nullable<Binary>,
    }
}

diesel::table! {
    zone_stays (id) {
        id -> Binary,
        condition_id -> Binary,
        began_at -> BigInt,
        last_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        begun_by -> Binary,
        entered_by -> Nullable<Binary>,
    }
}

diesel::table! {
    feeds (id) {
        id -> Binary,
        order_id -> Binary,
        device_reference -> Text,
        interval_ms -> BigInt,
        started_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
        last_fix_at -> Nullable<BigInt>,
        silent_since -> Nullable<BigInt>,
    }
}

diesel::table! {
    positions (id) {
        id -> Binary,
        order_id -> Binary,
        feed_id -> Binary,
        fixed_at -> BigInt,
        latitude -> Double,
        longitude -> Double,
        accuracy_m -> Double,
        received_at -> BigInt,
        verdict -> Nullable<Text>,
        margin_m -> Nullable<Double>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    change_counter,
    instance_keys,
    heartbeats,
    invariants,
    stations,
    accounts,
    account_stations,
    sessions,
    sign_in_failures,
    subjects,
    orders,
    order_stations,
    account_orders,
    order_versions,
    conditions,
    condition_alternates,
    schedules,
    obligations,
    check_ins,
    check_in_conflicts,
    findings,
    alerts,
    alert_events,
    ladders,
    rota_entries,
    push_subscriptions,
    jobs,
    deliveries,
    receipts,
    channels,
    streams,
    ledger_entries,
    facts,
    photos,
    timers,
    providers,
    subject_homes,
    provider_links,
    station_closures,
    zone_stays,
    feeds,
    positions,
    concern_reports,
    concern_reporters,
    concern_acts,
    concern_numbers,
    throttles,
    tasks,
    task_beginnings,
    station_phones,
    unconfirmed_misses,
    phone_keys,
    sealed_records,
    check_in_seals,
    record_gaps,
);

diesel::allow_columns_to_appear_in_same_group_by_clause!(
    obligations::state,
    stations::code,
    stations::name,
);
diesel::allow_columns_to_appear_in_same_group_by_clause!(
    obligations::state,
    subjects::family_name,
    subjects::given_names,
    subjects::reference,
);
