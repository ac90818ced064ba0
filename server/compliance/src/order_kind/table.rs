//! The table. Each figure stands in `domain.md`, 2.1 and 2.3; where that has none, a row sets no
//! limit rather than one from memory.

use std::num::NonZeroU16;

use super::duration::{DurationRule, Years};
use super::{ChangeDuty, MadeBy, NotificationRule, OrderKind, Periodic, Regime, Row, Trigger};
use crate::holidays::Division;
use crate::offence::{Failure, Offence, STALKING_PROTECTION};
use crate::word::Word;

macro_rules! kinds {
    ($($(#[$about:meta])* $name:ident: $row:expr,)+) => {
        impl OrderKind {
            $($(#[$about])* pub const $name: OrderKind = OrderKind { row: &$row };)+
        }

        impl Word for OrderKind {
            const NAME: &'static str = "OrderKind";
            const ALL: &'static [Self] = &[$(Self::$name,)+];

            fn as_str(self) -> &'static str {
                self.row.code
            }
        }
    };
}

const FULL_WARNINGS_DAYS: &[u16] = &[90, 60, 30, 14, 7];
const INTERIM_WARNINGS_DAYS: &[u16] = &[21, 14, 7, 3];
const THREE_DAYS: NonZeroU16 = NonZeroU16::MIN.saturating_add(2);

const TWO_YEARS: Years = Years { number: 2, in_words: "two years" };
const FIVE_YEARS: Years = Years { number: 5, in_words: "five years" };

const UNLIMITED: DurationRule = DurationRule {
    may_be_open_ended: true,
    at_least: None,
    at_most: None,
    ends_on_determination: false,
    basis: "",
};
/// An interim order holds for the time until the main application is decided.
const UNTIL_DETERMINED: DurationRule = DurationRule {
    may_be_open_ended: false,
    ends_on_determination: true,
    basis: "s.5(3)",
    ..UNLIMITED
};

/// Stalking Protection Act 2019 s.9.
const STALKING_NOTIFICATION: NotificationRule = NotificationRule {
    days: THREE_DAYS,
    trigger: Trigger::Served,
    periodic: Periodic::Never,
    changes: &[ChangeDuty::Name, ChangeDuty::HomeAddress],
    exempt_if: &[Regime::SexualOffences],
    basis: "Stalking Protection Act 2019 s.9(1)",
    change_basis: "Stalking Protection Act 2019 s.9(3)-(4)",
    exempt_basis: "Stalking Protection Act 2019 s.9(5)-(7)",
    method_basis: "Stalking Protection Act 2019 s.10(1)-(2)",
};
const STALKING_NOTIFICATION_NI: NotificationRule = NotificationRule {
    exempt_if: &[Regime::SexualOffences, Regime::ViolentOffences, Regime::Trafficking],
    basis: "Protection from Stalking Act (Northern Ireland) 2022, notification requirements",
    change_basis: "Protection from Stalking Act (Northern Ireland) 2022, notification requirements",
    exempt_basis: "Protection from Stalking Act (Northern Ireland) 2022, notification requirements",
    method_basis: "Protection from Stalking Act (Northern Ireland) 2022, notification requirements",
    ..STALKING_NOTIFICATION
};

/// What most rows have in common: prohibitions without a duty to notify.
const PLAIN: Row = Row {
    code: "",
    title: "",
    in_a_sentence: "",
    statute: "",
    division: Division::EnglandAndWales,
    notification: None,
    duration: UNLIMITED,
    supervisor_named_required: false,
    made_by: &[MadeBy::Application],
    made_by_unconfirmed: &[],
    expiry_warnings_days: FULL_WARNINGS_DAYS,
    needs_awareness: false,
    interim_twin: None,
    result_codes: &[],
    offences: &[],
};

const fn breach(code: &'static str, wording: &'static str) -> Offence {
    Offence { code, pnld: None, wording, failure: Some(Failure::Breach) }
}

const fn unconfirmed(code: &'static str, wording: &'static str) -> Offence {
    Offence { code, pnld: None, wording, failure: None }
}

kinds! {
    /// Stalking protection order, Stalking Protection Act 2019 s.2. Acts on conviction or acquittal
    /// are enacted by the Crime and Policing Act 2026, not confirmed in force.
    FULL: Row {
        code: "full",
        title: "Stalking protection order",
        in_a_sentence: "a full order",
        statute: "Stalking Protection Act 2019 s.2",
        notification: Some(STALKING_NOTIFICATION),
        duration: DurationRule { at_least: Some(TWO_YEARS), basis: "s.3(2)", ..UNLIMITED },
        made_by_unconfirmed: &[MadeBy::Conviction, MadeBy::Acquittal],
        interim_twin: Some(OrderKind::INTERIM),
        result_codes: &["3307"],
        offences: STALKING_PROTECTION,
        ..PLAIN
    },
    /// Interim stalking protection order, s.5.
    INTERIM: Row {
        code: "interim",
        title: "Interim stalking protection order",
        in_a_sentence: "an interim order",
        statute: "Stalking Protection Act 2019 s.5",
        notification: Some(STALKING_NOTIFICATION),
        duration: UNTIL_DETERMINED,
        expiry_warnings_days: INTERIM_WARNINGS_DAYS,
        result_codes: &["3306"],
        offences: STALKING_PROTECTION,
        ..PLAIN
    },
    /// From two to five years.
    FULL_NI: Row {
        code: "full_ni",
        title: "Stalking protection order (Northern Ireland)",
        in_a_sentence: "a full order of Northern Ireland",
        statute: "Protection from Stalking Act (Northern Ireland) 2022",
        division: Division::NorthernIreland,
        notification: Some(STALKING_NOTIFICATION_NI),
        duration: DurationRule {
            may_be_open_ended: false,
            at_least: Some(TWO_YEARS),
            at_most: Some(FIVE_YEARS),
            basis: "Protection from Stalking Act (Northern Ireland) 2022",
            ..UNLIMITED
        },
        interim_twin: Some(OrderKind::INTERIM_NI),
        ..PLAIN
    },
    INTERIM_NI: Row {
        code: "interim_ni",
        title: "Interim stalking protection order (Northern Ireland)",
        in_a_sentence: "an interim order of Northern Ireland",
        statute: "Protection from Stalking Act (Northern Ireland) 2022",
        division: Division::NorthernIreland,
        notification: Some(STALKING_NOTIFICATION_NI),
        duration: DurationRule {
            basis: "Protection from Stalking Act (Northern Ireland) 2022",
            ..UNTIL_DETERMINED
        },
        expiry_warnings_days: INTERIM_WARNINGS_DAYS,
        ..PLAIN
    },
    /// Domestic abuse protection order. Its duty to notify counts from the day it is made and is
    /// silent while s.9 of the Act of 2019 or Part 2 of the Act of 2003 applies (s.41).
    DAPO: Row {
        code: "dapo",
        title: "Domestic abuse protection order",
        in_a_sentence: "a domestic abuse protection order",
        statute: "Domestic Abuse Act 2021",
        notification: Some(NotificationRule {
            trigger: Trigger::Made,
            changes: &[ChangeDuty::Name, ChangeDuty::HomeAddress, ChangeDuty::CeasedToHaveHome],
            exempt_if: &[Regime::StalkingProtection, Regime::SexualOffences],
            basis: "Domestic Abuse Act 2021 s.41",
            change_basis: "Domestic Abuse Act 2021 s.41",
            exempt_basis: "Domestic Abuse Act 2021 s.41",
            method_basis: "Domestic Abuse Act 2021 s.41",
            ..STALKING_NOTIFICATION
        }),
        supervisor_named_required: true,
        made_by: &[MadeBy::Application, MadeBy::Conviction, MadeBy::Acquittal],
        result_codes: &["3326"],
        offences: &[
            unconfirmed("DA21001", "Domestic abuse protection order"),
            unconfirmed("DA21002", "Domestic abuse protection order"),
            unconfirmed("DA21005", "Domestic abuse protection order"),
        ],
        ..PLAIN
    },
    /// Knife crime prevention order: counted from the day it takes effect (ss.24-25).
    KCPO: Row {
        code: "kcpo",
        title: "Knife crime prevention order",
        in_a_sentence: "a knife crime prevention order",
        statute: "Offensive Weapons Act 2019",
        notification: Some(NotificationRule {
            trigger: Trigger::TakesEffect,
            changes: &[ChangeDuty::Name, ChangeDuty::HomeAddress, ChangeDuty::AwayOneMonth],
            exempt_if: &[],
            basis: "Offensive Weapons Act 2019 s.24",
            change_basis: "Offensive Weapons Act 2019 s.24",
            exempt_basis: "",
            method_basis: "Offensive Weapons Act 2019 s.25",
            ..STALKING_NOTIFICATION
        }),
        made_by: &[MadeBy::Application, MadeBy::Conviction],
        result_codes: &["3304", "3305"],
        offences: &[unconfirmed("OW19009", "Knife crime prevention order")],
        ..PLAIN
    },
    /// Sexual harm prevention order, with the notification requirements of Part 2.
    SHPO: Row {
        code: "shpo",
        title: "Sexual harm prevention order",
        in_a_sentence: "a sexual harm prevention order",
        statute: "Sexual Offences Act 2003; Sentencing Act 2020",
        notification: Some(NotificationRule {
            trigger: Trigger::Convicted,
            periodic: Periodic::YearlyOrWeekly { basis: "Sexual Offences Act 2003 s.85" },
            changes: &[ChangeDuty::Name, ChangeDuty::HomeAddress, ChangeDuty::SevenDaysElsewhere],
            exempt_if: &[],
            basis: "Sexual Offences Act 2003 s.83",
            change_basis: "Sexual Offences Act 2003 s.84",
            exempt_basis: "",
            method_basis: "Sexual Offences Act 2003 s.87",
            ..STALKING_NOTIFICATION
        }),
        duration: DurationRule {
            at_least: Some(FIVE_YEARS),
            basis: "Sexual Offences Act 2003",
            ..UNLIMITED
        },
        made_by: &[MadeBy::Application, MadeBy::Conviction],
        result_codes: &["1179"],
        offences: &[
            unconfirmed("SE20012", "Sexual harm prevention order"),
            unconfirmed("SX03204", "Sexual Offences Act 2003 Part 2"),
        ],
        ..PLAIN
    },
    RESTRAINING: Row {
        code: "restraining",
        title: "Restraining order",
        in_a_sentence: "a restraining order",
        statute: "Sentencing Act 2020; Protection from Harassment Act 1997",
        made_by: &[MadeBy::Conviction, MadeBy::Acquittal],
        result_codes: &["3047", "3260"],
        offences: &[
            breach("SE20002", "Breach of restraining order (Sentencing Act 2020)"),
            breach("PH97012", "Breach of restraining order (Protection from Harassment Act 1997)"),
        ],
        ..PLAIN
    },
    /// One made without notice binds from when the subject is aware of it (FLA 1996 s.42A).
    NON_MOLESTATION: Row {
        code: "non_molestation",
        title: "Non-molestation order",
        in_a_sentence: "a non-molestation order",
        statute: "Family Law Act 1996 s.42",
        needs_awareness: true,
        offences: &[breach("FL96001", "Breach of non-molestation order")],
        ..PLAIN
    },
    CBO: Row {
        code: "cbo",
        title: "Criminal behaviour order",
        in_a_sentence: "a criminal behaviour order",
        statute: "Sentencing Act 2020",
        supervisor_named_required: true,
        made_by: &[MadeBy::Conviction],
        result_codes: &["1177"],
        offences: &[breach("SE20001", "Breach of criminal behaviour order")],
        ..PLAIN
    },
    /// The twin of a sign-on requirement, until the next hearing.
    BAIL: Row {
        code: "bail",
        title: "Bail conditions",
        in_a_sentence: "a set of bail conditions",
        statute: "Bail Act 1976",
        made_by: &[],
        expiry_warnings_days: INTERIM_WARNINGS_DAYS,
        result_codes: &["JQ", "JK", "JO", "JP", "RB", "RF", "RG", "RH"],
        ..PLAIN
    },
    COMMUNITY: Row {
        code: "community",
        title: "Community order",
        in_a_sentence: "a community order",
        statute: "Sentencing Act 2020",
        made_by: &[MadeBy::Conviction],
        result_codes: &["3272", "3109", "3110", "3108"],
        ..PLAIN
    },
}
