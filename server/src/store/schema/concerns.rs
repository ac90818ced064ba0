//! The tables of reports of concern.

diesel::table! {
    concern_reports (id) {
        id -> Binary,
        reference -> Text,
        secret_digest -> Nullable<Binary>,
        reporter -> Text,
        about -> Text,
        words -> Text,
        happened_at -> Nullable<BigInt>,
        place -> Text,
        reported_at -> BigInt,
        recorded_by -> Nullable<Binary>,
        station_id -> Nullable<Binary>,
        first_risk -> Text,
        body_digest -> Binary,
        order_id -> Nullable<Binary>,
        subject_id -> Nullable<Binary>,
        risk -> Text,
        status -> Text,
        investigator_id -> Nullable<Binary>,
        next_due_at -> Nullable<BigInt>,
        linked_to -> Nullable<Binary>,
    }
}

diesel::table! {
    concern_reporters (report_id) {
        report_id -> Binary,
        name -> Text,
        contact -> Text,
        contact_safely -> Text,
    }
}

diesel::table! {
    concern_acts (id) {
        id -> Binary,
        report_id -> Binary,
        number -> BigInt,
        kind -> Text,
        actor -> Binary,
        happened_at -> BigInt,
        word -> Nullable<Text>,
        to_account -> Nullable<Binary>,
        to_report -> Nullable<Binary>,
        to_order -> Nullable<Binary>,
        note -> Text,
    }
}

diesel::table! {
    concern_numbers (year) {
        year -> BigInt,
        last -> BigInt,
    }
}

diesel::table! {
    throttles (key_digest) {
        key_digest -> Binary,
        times -> BigInt,
        resets_at -> BigInt,
    }
}
