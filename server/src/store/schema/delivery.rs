//! What is sent, to whom, and what came of it.

diesel::table! {
    push_subscriptions (id) {
        id -> Binary,
        account_id -> Binary,
        endpoint -> Text,
        p256dh -> Text,
        auth -> Text,
        created_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
        ask_at -> BigInt,
        receipt_at -> Nullable<BigInt>,
        asked_at -> Nullable<BigInt>,
        asked -> BigInt,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        alert_id -> Nullable<Binary>,
        group_id -> Nullable<Binary>,
        account_id -> Nullable<Binary>,
        subscription_id -> Nullable<Binary>,
        is_counted_upon -> Bool,
        created_at -> BigInt,
        run_at -> BigInt,
        leased_until -> BigInt,
        lease -> Nullable<Binary>,
        attempts -> BigInt,
        settled_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Binary,
        alert_id -> Binary,
        group_id -> Nullable<Binary>,
        step -> Nullable<BigInt>,
        channel -> Text,
        account_id -> Nullable<Binary>,
        subscription_id -> Nullable<Binary>,
        is_counted_upon -> Bool,
        attempt -> BigInt,
        status -> Text,
        http_status -> Nullable<BigInt>,
        detail -> Text,
        attempted_at -> BigInt,
    }
}

diesel::table! {
    receipts (delivery_id) {
        delivery_id -> Binary,
        subscription_id -> Binary,
        displayed_at -> Nullable<BigInt>,
        opened_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    channels (name) {
        name -> Text,
    }
}

diesel::table! {
    streams (id) {
        id -> Binary,
        account_id -> Binary,
        opened_at -> BigInt,
        seen_at -> BigInt,
    }
}
