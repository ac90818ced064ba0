//! The tables that say whether a phone may still hold a record.

diesel::table! {
    station_phones (id) {
        id -> Binary,
        token_digest -> Binary,
        station_id -> Binary,
        account_id -> Binary,
        signed_in_at -> BigInt,
        expires_at -> BigInt,
        used_at -> BigInt,
        synced_at -> Nullable<BigInt>,
        gone_at -> Nullable<BigInt>,
        gone_because -> Nullable<Text>,
    }
}

diesel::table! {
    unconfirmed_misses (obligation_id, station_id) {
        obligation_id -> Binary,
        station_id -> Binary,
        closes_at -> BigInt,
        look_at -> Nullable<BigInt>,
    }
}
