//! Offences as data: the codes under which a suspected failure is recorded. That a failure is one,
//! a named person decides; here is only which code it would go under.

use crate::word::words;

words! {
    /// How an order or its duties can be failed.
    Failure {
        /// Doing what a prohibition forbids, or not doing what a requirement asks.
        Breach = "breach",
        /// The first notification, or the one when an exemption ends.
        InitialNotification = "initial_notification",
        NameNotification = "name_notification",
        AddressNotification = "address_notification",
        /// Fingerprints or a photograph refused (SPA 2019 s.10(5)).
        IdentityRequest = "identity_request",
        FalseInformation = "false_information",
    }
}

/// A row of the CJS offence codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offence {
    /// The CJS code.
    pub code: &'static str,
    /// The reference of the Police National Legal Database.
    pub pnld: Option<&'static str>,
    pub wording: &'static str,
    /// `None`: which failure the code stands for is not confirmed, so it is never suggested.
    pub failure: Option<Failure>,
}

const fn stalking(
    failure: Failure,
    code: &'static str,
    pnld: &'static str,
    wording: &'static str,
) -> Offence {
    Offence { code, pnld: Some(pnld), wording, failure: Some(failure) }
}

/// The six offences of the Stalking Protection Act 2019, ss.8 and 11.
pub const STALKING_PROTECTION: &[Offence] = &[
    stalking(
        Failure::Breach,
        "ST19001",
        "H20164",
        "Breach of stalking protection order / interim stalking protection order",
    ),
    stalking(
        Failure::InitialNotification,
        "ST19002",
        "H20165",
        "Fail to notify police of notification requirements within 3 days of service of stalking \
         order / interim stalking order",
    ),
    stalking(
        Failure::NameNotification,
        "ST19003",
        "H20166",
        "Fail to notify police of name not already notified within 3 days",
    ),
    stalking(
        Failure::AddressNotification,
        "ST19004",
        "H20167",
        "Fail to notify police of new home address within 3 days",
    ),
    stalking(
        Failure::IdentityRequest,
        "ST19005",
        "H20168",
        "Fail to comply with request of police officer or other authorised persons for \
         fingerprints / photographs / both",
    ),
    stalking(
        Failure::FalseInformation,
        "ST19006",
        "H20169",
        "Provide information relating to notification requirement known to be false",
    ),
];

/// The one under which a failure would be recorded; suspected only, until a person decides.
pub fn suggested(offences: &'static [Offence], failure: Failure) -> Option<&'static Offence> {
    offences.iter().find(|offence| offence.failure == Some(failure))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word::Word;

    #[test]
    fn each_failure_under_the_act_of_2019_has_one_code() {
        let codes: Vec<_> = Failure::ALL
            .iter()
            .map(|failure| suggested(STALKING_PROTECTION, *failure).unwrap().code)
            .collect();
        assert_eq!(codes, ["ST19001", "ST19002", "ST19003", "ST19004", "ST19005", "ST19006"]);
        let pnld: Vec<_> = STALKING_PROTECTION.iter().filter_map(|offence| offence.pnld).collect();
        assert_eq!(pnld, ["H20164", "H20165", "H20166", "H20167", "H20168", "H20169"]);
    }

    #[test]
    fn a_code_that_is_not_confirmed_is_not_suggested() {
        const UNKNOWN: &[Offence] =
            &[Offence { code: "DA21001", pnld: None, wording: "", failure: None }];
        assert_eq!(suggested(UNKNOWN, Failure::Breach), None);
    }
}
