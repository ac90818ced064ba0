//! The tables of tasks.

diesel::table! {
    tasks (id) {
        id -> Binary,
        dedupe_key -> Text,
        order_id -> Binary,
        kind -> Text,
        cause -> Text,
        event_id -> Binary,
        happened_at -> BigInt,
        says -> Text,
        raised_at -> BigInt,
        due_at -> BigInt,
        arithmetic -> Text,
        basis -> Text,
        owner_id -> Nullable<Binary>,
        is_reassigned -> Bool,
        state -> Text,
        chased_at -> Nullable<BigInt>,
        done_by -> Nullable<Binary>,
        done_at -> Nullable<BigInt>,
        was_done -> Nullable<Bool>,
        cancelled_at -> Nullable<BigInt>,
        cancel_reason -> Nullable<Text>,
    }
}

diesel::table! {
    task_beginnings (id) {
        id -> Integer,
        begun_at -> BigInt,
    }
}
