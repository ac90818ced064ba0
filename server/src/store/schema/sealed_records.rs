//! The keys of phones, and what was signed with them.

diesel::table! {
    phone_keys (id) {
        id -> Binary,
        account_id -> Binary,
        public_key -> Binary,
        name -> Text,
        token_digest -> Binary,
        enrolled_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        revoked_by -> Nullable<Binary>,
        revoked_because -> Nullable<Text>,
        checked_to -> BigInt,
    }
}

diesel::table! {
    sealed_records (phone_key_id, digest) {
        phone_key_id -> Binary,
        digest -> Binary,
        sequence -> BigInt,
        previous_digest -> Nullable<Binary>,
        check_in_id -> Binary,
        payload -> Binary,
        signature -> Binary,
        received_at -> BigInt,
    }
}

diesel::table! {
    check_in_seals (check_in_id) {
        check_in_id -> Binary,
        phone_key_id -> Binary,
        digest -> Binary,
        beacon -> Text,
    }
}

diesel::table! {
    record_gaps (phone_key_id, first_sequence) {
        phone_key_id -> Binary,
        first_sequence -> BigInt,
        last_sequence -> BigInt,
        reported_at -> BigInt,
    }
}
