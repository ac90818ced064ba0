//! What an order forbids, as far as it can be held in types: contact, approach, use of the
//! internet. The court's wording stays the authority; these say how the service reads it.
//!
//! People are named by id only: who they are and where they live is sealed elsewhere.

#[cfg(test)]
mod tests;

use uuid::Uuid;

use crate::place::Position;
use crate::word::{Word, words};
use crate::zone::{Area, Zone, ZoneRefusal};

/// Longer than any class of people or exception that an order has words for.
const WORDS_LENGTH_MAX: usize = 500;
/// A wider distance is an exclusion zone and should be entered, and drawn, as one.
pub const APPROACH_M_MAX: f64 = 5_000.0;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProhibitionRefusal {
    #[error("Say who must not be contacted: name people, or the class of people in the order.")]
    NobodyProtected,
    #[error("Say by which means contact is forbidden, or that all are.")]
    NoChannel,
    #[error("{what} must be in words, and in no more than {WORDS_LENGTH_MAX} characters.")]
    NoWords { what: &'static str },
    #[error(
        "A distance must be more than 0 m and not more than {APPROACH_M_MAX} m, not \
         {distance_m} m; enter a larger one as an exclusion zone."
    )]
    DistanceOutOfRange { distance_m: f64 },
    #[error("The place cannot be kept: {0}")]
    Place(#[from] ZoneRefusal),
    #[error("Choose at least one rule on the use of the internet.")]
    NoRule,
    #[error("The rule \"{rule}\" is entered twice; remove one of the two.")]
    RuleTwice { rule: InternetRule },
    #[error(
        "All use of internet devices is forbidden, so \"{rule}\" can never apply; remove one of \
         the two, or check the order's wording."
    )]
    RuleWithoutUse { rule: InternetRule },
}

fn in_words(what: &'static str, text: &str) -> Result<String, ProhibitionRefusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > WORDS_LENGTH_MAX {
        return Err(ProhibitionRefusal::NoWords { what });
    }
    Ok(text.to_owned())
}

words! {
    /// A means of contact, in the words of orders and bail conditions (`domain.md`, section 3; JK).
    Channel {
        InPerson = "in_person",
        Telephone = "telephone",
        TextMessage = "text_message",
        Email = "email",
        Post = "post",
        Delivery = "delivery",
        SocialMedia = "social_media",
        Internet = "internet",
        Other = "other",
    }
}

/// Whom a no-contact term protects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protected {
    Person(Uuid),
    /// "Any member of her family": names are not always given. Whether somebody is of the class, a
    /// person decides.
    Class(String),
}

impl Protected {
    pub fn class(words: &str) -> Result<Self, ProhibitionRefusal> {
        in_words("The class of people", words).map(Self::Class)
    }
}

words! {
    /// What a no-contact term lets happen all the same.
    PermittedContact {
        ThroughSolicitor = "through_solicitor",
        ChildContact = "child_contact",
        CourtProceedings = "court_proceedings",
        Other = "other",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactException {
    pub kind: PermittedContact,
    words: String,
}

impl ContactException {
    /// `words` are the order's own.
    pub fn new(kind: PermittedContact, words: &str) -> Result<Self, ProhibitionRefusal> {
        Ok(Self { kind, words: in_words("The exception", words)? })
    }

    pub fn words(&self) -> &str {
        &self.words
    }
}

/// No contact, "directly or indirectly" if also through third parties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoContact {
    protected: Vec<Protected>,
    channels: Vec<Channel>,
    through_third_parties: bool,
    exceptions: Vec<ContactException>,
}

/// What a no-contact term says of one contact by the subject. Contact that the protected person
/// began is not the subject's breach and must not be asked about here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactReading<'a> {
    Forbidden,
    /// Forbidden unless one of these applies: a person looks.
    UnlessExcepted(&'a [ContactException]),
    /// The term names only classes of people, and this person may be of one: a person looks.
    MayBeOfClass,
    NotForbidden,
}

impl NoContact {
    pub fn new(
        protected: &[Protected],
        channels: &[Channel],
        through_third_parties: bool,
        exceptions: &[ContactException],
    ) -> Result<Self, ProhibitionRefusal> {
        if protected.is_empty() {
            return Err(ProhibitionRefusal::NobodyProtected);
        }
        if channels.is_empty() {
            return Err(ProhibitionRefusal::NoChannel);
        }
        let mut channels = channels.to_vec();
        channels.sort_unstable();
        channels.dedup();
        Ok(Self {
            protected: protected.to_vec(),
            channels,
            through_third_parties,
            exceptions: exceptions.to_vec(),
        })
    }

    /// "By any means whatsoever", direct or indirect.
    pub fn by_any_means(
        protected: &[Protected],
        exceptions: &[ContactException],
    ) -> Result<Self, ProhibitionRefusal> {
        Self::new(protected, Channel::ALL, true, exceptions)
    }

    pub fn protected(&self) -> &[Protected] {
        &self.protected
    }

    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    pub fn reaches_third_parties(&self) -> bool {
        self.through_third_parties
    }

    pub fn exceptions(&self) -> &[ContactException] {
        &self.exceptions
    }

    /// Reads one contact by the subject against the term; it finds no breach.
    pub fn read(
        &self,
        person: Uuid,
        channel: Channel,
        is_through_third_party: bool,
    ) -> ContactReading<'_> {
        let is_named = self.protected.contains(&Protected::Person(person));
        let has_class = self.protected.iter().any(|who| matches!(who, Protected::Class(_)));
        let is_covered = self.channels.contains(&channel)
            && (self.through_third_parties || !is_through_third_party);
        match (is_covered, is_named, has_class) {
            (false, ..) | (true, false, false) => ContactReading::NotForbidden,
            (true, false, true) => ContactReading::MayBeOfClass,
            (true, true, _) if self.exceptions.is_empty() => ContactReading::Forbidden,
            (true, true, _) => ContactReading::UnlessExcepted(&self.exceptions),
        }
    }
}

/// Not to approach. Only a place can be measured against. A term tied to a person would need that
/// person's position, and protected persons are never tracked (`domain.md`, J12): there is no way
/// from [`ApproachToPerson`] to a zone.
#[derive(Debug, Clone, PartialEq)]
pub enum NoApproach {
    Place(ApproachToPlace),
    Person(ApproachToPerson),
}

/// "Within 100 m of her home": a place that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ApproachToPlace {
    centre: Position,
    distance_m: f64,
}

/// "Within 100 m of her": wherever that is. Checked when somebody reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct ApproachToPerson {
    pub person: Uuid,
    distance_m: Option<f64>,
}

impl ApproachToPlace {
    pub fn new(centre: Position, distance_m: f64) -> Result<Self, ProhibitionRefusal> {
        Area::circle(centre, check_distance(distance_m)?)?;
        Ok(Self { centre, distance_m })
    }

    /// The circle that the subject must keep out of. Its line belongs to it, as of every zone.
    pub fn zone(&self, buffer_m: f64) -> Result<Zone, ZoneRefusal> {
        Zone::new(Area::circle(self.centre, self.distance_m)?, buffer_m)
    }

    pub fn centre(&self) -> Position {
        self.centre
    }

    pub fn distance_m(&self) -> f64 {
        self.distance_m
    }
}

impl ApproachToPerson {
    /// Without a distance the order says only "approach".
    pub fn new(person: Uuid, distance_m: Option<f64>) -> Result<Self, ProhibitionRefusal> {
        let distance_m = distance_m.map(check_distance).transpose()?;
        Ok(Self { person, distance_m })
    }

    pub fn distance_m(&self) -> Option<f64> {
        self.distance_m
    }
}

fn check_distance(distance_m: f64) -> Result<f64, ProhibitionRefusal> {
    // Written so that a value that is not a number is refused.
    if distance_m > 0.0 && distance_m <= APPROACH_M_MAX {
        Ok(distance_m)
    } else {
        Err(ProhibitionRefusal::DistanceOutOfRange { distance_m })
    }
}

words! {
    /// Terms on internet devices, as *Connor* [2019] EWCA Crim 234 settles them for such orders, and
    /// as bail conditions RF and RG word them (`domain.md`, sections 2.3 and 3).
    InternetRule {
        /// Not to use any internet device at all.
        NoInternetDevice = "no_internet_device",
        /// Only devices that can keep and show their history.
        RetainHistory = "retain_history",
        NoDeletion = "no_deletion",
        NoPrivateMode = "no_private_mode",
        NoWipingTools = "no_wiping_tools",
        /// To hand a device over for inspection on request.
        MakeAvailable = "make_available",
        /// Not to remove or disable monitoring software.
        KeepMonitoring = "keep_monitoring",
        DeclareDevices = "declare_devices",
        DeclareAccounts = "declare_accounts",
        /// Not to refer to the protected person on social media.
        NoPosts = "no_posts",
    }
}

impl InternetRule {
    /// Rules that stand beside a ban on all devices: they ask for something else than a way of use.
    fn stands_without_use(self) -> bool {
        matches!(
            self,
            Self::NoInternetDevice
                | Self::MakeAvailable
                | Self::DeclareDevices
                | Self::DeclareAccounts
                | Self::NoPosts
        )
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternetUse {
    rules: Vec<InternetRule>,
}

impl InternetUse {
    pub fn new(rules: &[InternetRule]) -> Result<Self, ProhibitionRefusal> {
        if rules.is_empty() {
            return Err(ProhibitionRefusal::NoRule);
        }
        let mut rules = rules.to_vec();
        rules.sort_unstable();
        if let Some((rule, _)) = rules.iter().zip(rules.iter().skip(1)).find(|(a, b)| a == b) {
            return Err(ProhibitionRefusal::RuleTwice { rule: *rule });
        }
        let is_banned = rules.contains(&InternetRule::NoInternetDevice);
        match rules.iter().find(|rule| is_banned && !rule.stands_without_use()) {
            Some(rule) => Err(ProhibitionRefusal::RuleWithoutUse { rule: *rule }),
            None => Ok(Self { rules }),
        }
    }

    pub fn rules(&self) -> &[InternetRule] {
        &self.rules
    }

    pub fn has(&self, rule: InternetRule) -> bool {
        self.rules.contains(&rule)
    }
}
