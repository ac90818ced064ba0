//! Devices of the subject: the register, requests to present them, and examinations.
//!
//! Orders ask for devices to be presented to an officer on request (`domain.md`, introduction and
//! section 3). A request binds only if it was communicated, and that must be proved.

mod examination;
mod request;
#[cfg(test)]
mod tests;

pub use examination::{
    Answer, Examination, ExaminationMethod, ExhibitRef, InspectionCheck, Suspicion,
    assess_examination,
};
pub use request::{
    Communication, CommunicationMethod, Deadline, FORTHWITH_MS, PresentationRequest,
    RequestFinding, RequestState, Response, ResponseKind, assess_request,
};

use crate::word::words;

words! {
    DeviceKind {
        Phone = "phone",
        Computer = "computer",
        Tablet = "tablet",
        /// A SIM or a telephone number without a phone of its own.
        Sim = "sim",
        /// A social media, mail or other account.
        Account = "account",
        Storage = "storage",
        Other = "other",
    }
}

words! {
    IdentifierKind {
        Imei = "imei",
        Serial = "serial",
        Number = "number",
        AccountName = "account_name",
    }
}

/// What tells one device from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identifier {
    kind: IdentifierKind,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceRefusal {
    #[error("Describe the device as one would recognise it: its make, model and colour.")]
    NoDescription,
    #[error(
        "\"{text}\" is not an IMEI: it has 15 digits, and the last must fit the others. Dial *#06# \
         to show it."
    )]
    NotAnImei { text: String },
    #[error("\"{text}\" is not a telephone number; give it with its country, like +447700900123.")]
    NotANumber { text: String },
    #[error("A serial number or account name has 1 to 100 characters.")]
    IdentifierLength,
    #[error("\"{text}\" is not an exhibit reference; give initials and a number, like ABC/1.")]
    NotAnExhibit { text: String },
    #[error("An examination cannot end before it begins; correct its times.")]
    EndsBeforeItBegins,
    #[error("\"{check}\" is answered twice; keep one answer.")]
    AnsweredTwice { check: InspectionCheck },
}

impl Identifier {
    /// Spaces and dashes are taken out of an IMEI or a number. The IMEI's last digit is checked
    /// (3GPP TS 23.003, annex B), because a wrong digit makes another phone.
    pub fn parse(kind: IdentifierKind, text: &str) -> Result<Self, DeviceRefusal> {
        let text = text.trim();
        let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let shown = || text.chars().take(40).collect();
        let text = match kind {
            IdentifierKind::Imei if is_imei(&bare) => bare,
            IdentifierKind::Imei => return Err(DeviceRefusal::NotAnImei { text: shown() }),
            IdentifierKind::Number if is_number(&bare) => bare,
            IdentifierKind::Number => return Err(DeviceRefusal::NotANumber { text: shown() }),
            IdentifierKind::Serial | IdentifierKind::AccountName
                if (1..=100).contains(&text.chars().count()) =>
            {
                text.to_owned()
            }
            _ => return Err(DeviceRefusal::IdentifierLength),
        };
        Ok(Self { kind, text })
    }

    pub fn kind(&self) -> IdentifierKind {
        self.kind
    }

    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The Luhn formula: every second digit from the right is doubled.
fn is_imei(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 15) else { return false };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(n, digit)| {
            let weighed = if n % 2 == 1 { digit * 2 } else { *digit };
            weighed / 10 + weighed % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

/// E.164: a plus sign and up to 15 digits.
fn is_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

words! {
    /// How a device came onto the register.
    Registered {
        DeclaredBySubject = "declared_by_subject",
        /// Found by an officer, a provider or a victim; the subject had not declared it.
        Found = "found",
    }
}

/// An entry of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub kind: DeviceKind,
    description: String,
    pub identifiers: Vec<Identifier>,
    pub registered: Registered,
}

impl Device {
    pub fn new(
        kind: DeviceKind,
        description: &str,
        identifiers: Vec<Identifier>,
        registered: Registered,
    ) -> Result<Self, DeviceRefusal> {
        let description = description.trim();
        if description.is_empty() {
            return Err(DeviceRefusal::NoDescription);
        }
        Ok(Self { kind, description: description.to_owned(), identifiers, registered })
    }

    pub fn description(&self) -> &str {
        &self.description
    }

    /// Whether two entries are the same device: any one identifier in common is enough.
    pub fn is_same_as(&self, other: &Device) -> bool {
        self.identifiers.iter().any(|identifier| other.identifiers.contains(identifier))
    }
}

/// The devices that were found and that the subject did not declare. If the order asks for
/// registration, each is suspected non-compliance.
pub fn undeclared<'a>(register: &[Device], found: &'a [Device]) -> Vec<&'a Device> {
    let is_declared = |device: &Device| {
        register
            .iter()
            .filter(|entry| entry.registered == Registered::DeclaredBySubject)
            .any(|entry| entry.is_same_as(device))
    };
    found.iter().filter(|device| !is_declared(device)).collect()
}
