//! What prohibitions have beside their words: ground, people, rules of use. Kept with the condition
//! as the file gives it; `compliance` says what of it can be kept.

use std::fmt;

use chrono::Weekday as Day;
use compliance::order::ConditionKind;
use compliance::place::Position;
use compliance::prohibition::{
    ApproachToPerson, ApproachToPlace, Channel, ContactException, InternetRule, InternetUse,
    NoApproach, NoContact, PermittedContact, ProhibitionRefusal, Protected,
};
use compliance::word::Word;
use compliance::zone::{
    Area, Corridor, DaySpan, LonLat, TransitException, WeeklyHours, Zone, ZoneRefusal,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::treatment::TreatmentDetails;
use super::{Check, ConditionEntry, HoursEntry, PositionEntry, Weekday, read_time};

/// On each side of a way whose width the order does not say: a road with its pavements.
const HALF_WIDTH_M: f64 = 15.0;
/// Stands for every means of contact, as orders say "by any means whatsoever".
const EVERY_CHANNEL: &str = "all";

/// What only conditions of one kind have; at most one of these.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ConditionDetails)]
pub struct Details {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusion_zone: Option<ExclusionZoneEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_contact: Option<NoContactEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_approach: Option<NoApproachEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internet_use: Option<InternetUseEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub treatment: Option<TreatmentDetails>,
}

/// Ground that the subject must keep away from. It may show where somebody lives.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExclusionZone)]
pub struct ExclusionZoneEntry {
    pub area: AreaEntry,
    /// A belt around the zone in which the subject is looked at, though not forbidden to be.
    #[serde(default)]
    pub buffer_m: f64,
    /// At all hours when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<WeekEntry>,
    /// Ways through the zone that the order allows to be travelled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transit: Vec<TransitEntry>,
    /// The roads that the order names as its bounds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roads: Vec<String>,
    /// The court's own map, which stays the authority.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub map_reference: String,
    /// What the order says of its bounds: which side of a road, for example.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub boundary: String,
}

/// GeoJSON (RFC 7946): longitude before latitude. A circle is our own addition.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", deny_unknown_fields)]
#[schema(as = Area)]
pub enum AreaEntry {
    Polygon { coordinates: Vec<Vec<Vec<f64>>> },
    MultiPolygon { coordinates: Vec<Vec<Vec<Vec<f64>>>> },
    Circle { centre: PositionEntry, radius_m: f64 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ZoneHours)]
pub struct WeekEntry {
    /// An IANA time zone.
    pub zone: String,
    /// The closing minute is inside; at or before the opening it is the next day's.
    pub spans: Vec<HoursEntry>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Transit)]
pub struct TransitEntry {
    pub name: String,
    /// A way that is only named is said with each verdict, and judged by a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_width_m: Option<f64>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", deny_unknown_fields)]
#[schema(as = TransitLine)]
pub enum LineEntry {
    LineString { coordinates: Vec<Vec<f64>> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoContact)]
pub struct NoContactEntry {
    /// Ids of people, which say nothing of them, or a class of people in the order's words.
    pub persons: Vec<String>,
    /// Means of contact, or `all`.
    pub channels: Vec<String>,
    pub through_third_parties: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ExceptionEntry>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContactException)]
pub struct ExceptionEntry {
    pub kind: String,
    /// The order's own.
    pub words: String,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoApproach)]
pub struct NoApproachEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<ApproachedPlaceEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<ApproachedPersonEntry>,
}

/// A place that is known, against which positions are held.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApproachedPlace)]
pub struct ApproachedPlaceEntry {
    pub position: PositionEntry,
    pub distance_m: f64,
}

/// Wherever the person is. No position is ever held against it: protected persons are not tracked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApproachedPerson)]
pub struct ApproachedPersonEntry {
    pub id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InternetUse)]
pub struct InternetUseEntry {
    pub rules: Vec<String>,
}

/// Whatever is printed for a fault or a log shows no ground.
macro_rules! untold {
    ($($entry:ident,)+) => {$(
        impl fmt::Debug for $entry {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($entry), "(not shown)"))
            }
        }
    )+};
}

untold! { ExclusionZoneEntry, AreaEntry, TransitEntry, LineEntry, ApproachedPlaceEntry, }

/// What cannot be kept: the field, from the entry on, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    pub pointer: String,
    pub says: String,
}

fn misfit(pointer: impl Into<String>) -> impl FnOnce(ZoneRefusal) -> Misfit {
    let pointer = pointer.into();
    move |refusal| Misfit { pointer, says: refusal.to_string() }
}

fn unfit(pointer: impl Into<String>) -> impl FnOnce(ProhibitionRefusal) -> Misfit {
    let pointer = pointer.into();
    move |refusal| Misfit { pointer, says: refusal.to_string() }
}

/// The words of a list, or the place and the text of one that is none.
fn words<W: Word>(field: &str, texts: &[String]) -> Result<Vec<W>, Misfit> {
    let word = |(at, text): (usize, &String)| word(format!("{field}/{at}"), text);
    texts.iter().enumerate().map(word).collect()
}

fn word<W: Word>(pointer: String, text: &str) -> Result<W, Misfit> {
    W::parse(text).ok_or_else(|| {
        let known: Vec<&str> = W::ALL.iter().map(|word| word.as_str()).collect();
        Misfit { pointer, says: format!("is {text:?}; it can be {}", known.join(", ")) }
    })
}

/// RFC 7946, 3.1.1: a height may follow, and says nothing here.
fn lon_lat(pointer: &str, position: &[f64]) -> Result<LonLat, Misfit> {
    match position {
        [longitude, latitude] | [longitude, latitude, _] => Ok([*longitude, *latitude]),
        _ => Err(Misfit {
            pointer: pointer.to_owned(),
            says: "a position is longitude and latitude".to_owned(),
        }),
    }
}

fn line(pointer: &str, positions: &[Vec<f64>]) -> Result<Vec<LonLat>, Misfit> {
    positions.iter().map(|position| lon_lat(pointer, position)).collect()
}

fn rings(rings: &[Vec<Vec<f64>>]) -> Result<Vec<Vec<LonLat>>, Misfit> {
    rings.iter().map(|ring| line("/area/coordinates", ring)).collect()
}

impl From<PositionEntry> for Position {
    fn from(entry: PositionEntry) -> Self {
        Self { latitude: entry.latitude, longitude: entry.longitude }
    }
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Mon => Self::Mon,
            Weekday::Tue => Self::Tue,
            Weekday::Wed => Self::Wed,
            Weekday::Thu => Self::Thu,
            Weekday::Fri => Self::Fri,
            Weekday::Sat => Self::Sat,
            Weekday::Sun => Self::Sun,
        }
    }
}

impl AreaEntry {
    fn area(&self) -> Result<Area, Misfit> {
        match self {
            Self::Polygon { coordinates } => {
                Area::polygon(&rings(coordinates)?).map_err(misfit("/area"))
            }
            Self::MultiPolygon { coordinates } => {
                let shapes = coordinates.iter().map(|shape| rings(shape));
                let shapes = shapes.collect::<Result<Vec<_>, _>>()?;
                Area::polygons(&shapes).map_err(misfit("/area"))
            }
            Self::Circle { centre, radius_m } => {
                Area::circle((*centre).into(), *radius_m).map_err(misfit("/area"))
            }
        }
    }
}

impl WeekEntry {
    pub fn hours(&self) -> Result<WeeklyHours, Misfit> {
        let mut spans = Vec::new();
        for (at, span) in self.spans.iter().enumerate() {
            let time = |field: &str, text: &str| {
                read_time(text).ok_or_else(|| Misfit {
                    pointer: format!("/hours/spans/{at}/{field}"),
                    says: format!("{text:?} is no time of day HH:MM such as 09:30"),
                })
            };
            let (opens, closes) = (time("opens", &span.opens)?, time("closes", &span.closes)?);
            let on = |day: &Weekday| DaySpan { weekday: (*day).into(), opens, closes };
            spans.extend(span.days.iter().map(on));
        }
        WeeklyHours::new(&self.zone, &spans).map_err(|refusal| {
            let field = match refusal {
                ZoneRefusal::UnknownTimeZone { .. } => "/hours/zone",
                _ => "/hours/spans",
            };
            misfit(field)(refusal)
        })
    }
}

impl TransitEntry {
    fn exception(&self, at: usize) -> Result<TransitException, Misfit> {
        let Some(LineEntry::LineString { coordinates }) = &self.line else {
            return TransitException::named(&self.name)
                .map_err(misfit(format!("/transit/{at}/name")));
        };
        let pointer = format!("/transit/{at}/line");
        let way = line(&pointer, coordinates)?;
        let half_width_m = self.half_width_m.unwrap_or(HALF_WIDTH_M);
        let corridor = Corridor::new(&self.name, &way, half_width_m).map_err(|refusal| {
            let field = match refusal {
                ZoneRefusal::HalfWidthOutOfRange { .. } => "half_width_m",
                ZoneRefusal::RouteWithoutName => "name",
                _ => "line",
            };
            misfit(format!("/transit/{at}/{field}"))(refusal)
        })?;
        Ok(TransitException::Corridor(corridor))
    }
}

impl ExclusionZoneEntry {
    /// The zone without the days on which it is in force.
    pub fn zone(&self) -> Result<Zone, Misfit> {
        let zone = Zone::new(self.area.area()?, self.buffer_m).map_err(misfit("/buffer_m"))?;
        let zone = match &self.hours {
            Some(hours) => zone.within_hours(hours.hours()?),
            None => zone,
        };
        self.transit
            .iter()
            .enumerate()
            .try_fold(zone, |zone, (at, transit)| Ok(zone.excepting(transit.exception(at)?)))
    }
}

impl NoContactEntry {
    pub fn term(&self) -> Result<NoContact, Misfit> {
        let person = |(at, who): (usize, &String)| match Uuid::try_parse(who) {
            Ok(id) => Ok(Protected::Person(id)),
            Err(_) => Protected::class(who).map_err(unfit(format!("/persons/{at}"))),
        };
        let protected = self.persons.iter().enumerate().map(person);
        let protected = protected.collect::<Result<Vec<_>, _>>()?;
        let channels = match self.channels.as_slice() {
            [all] if all == EVERY_CHANNEL => Channel::ALL.to_vec(),
            _ => words("/channels", &self.channels)?,
        };
        let exception = |(at, entry): (usize, &ExceptionEntry)| {
            let kind = word::<PermittedContact>(format!("/exceptions/{at}/kind"), &entry.kind)?;
            ContactException::new(kind, &entry.words)
                .map_err(unfit(format!("/exceptions/{at}/words")))
        };
        let exceptions = self.exceptions.iter().enumerate().map(exception);
        let exceptions = exceptions.collect::<Result<Vec<_>, _>>()?;
        NoContact::new(&protected, &channels, self.through_third_parties, &exceptions).map_err(
            |refusal| {
                let field = match refusal {
                    ProhibitionRefusal::NobodyProtected => "/persons",
                    _ => "/channels",
                };
                unfit(field)(refusal)
            },
        )
    }
}

impl NoApproachEntry {
    pub fn term(&self) -> Result<NoApproach, Misfit> {
        match (&self.place, &self.person) {
            (Some(place), None) => ApproachToPlace::new(place.position.into(), place.distance_m)
                .map(NoApproach::Place)
                .map_err(unfit("/place")),
            (None, Some(person)) => ApproachToPerson::new(person.id, person.distance_m)
                .map(NoApproach::Person)
                .map_err(unfit("/person/distance_m")),
            _ => Err(Misfit {
                pointer: String::new(),
                says: "is about either a place or a person".to_owned(),
            }),
        }
    }
}

impl InternetUseEntry {
    pub fn term(&self) -> Result<InternetUse, Misfit> {
        let rules = words::<InternetRule>("/rules", &self.rules)?;
        InternetUse::new(&rules).map_err(unfit("/rules"))
    }
}

impl ConditionEntry {
    pub fn details(&self) -> Details {
        Details {
            exclusion_zone: self.exclusion_zone.clone(),
            no_contact: self.no_contact.clone(),
            no_approach: self.no_approach.clone(),
            internet_use: self.internet_use.clone(),
            treatment: self.treatment.as_ref().map(TreatmentDetails::from),
        }
    }
}

impl Check {
    /// Details belong to conditions of their kind; what is wrong with them, the rules say.
    pub(super) fn prohibitions(
        &mut self,
        at: &str,
        kind: Option<ConditionKind>,
        condition: &ConditionEntry,
    ) {
        let Details { exclusion_zone, no_contact, no_approach, internet_use, .. } =
            &condition.details();
        let checked = [
            (ConditionKind::ExclusionZone, exclusion_zone.as_ref().map(|it| it.zone().err())),
            (ConditionKind::NoContact, no_contact.as_ref().map(|it| it.term().err())),
            (ConditionKind::NoApproach, no_approach.as_ref().map(|it| it.term().err())),
            (ConditionKind::InternetUse, internet_use.as_ref().map(|it| it.term().err())),
        ];
        for (of, found) in checked {
            let Some(found) = found else { continue };
            let pointer = format!("{at}/{of}");
            if kind.is_some_and(|kind| kind != of) {
                self.fault(&pointer, format!("belongs to conditions of kind {of} only"));
            } else if let Some(misfit) = found {
                self.fault(&format!("{pointer}{}", misfit.pointer), misfit.says);
            }
        }
        if let Some(zone) = exclusion_zone {
            self.texts_of_zone(&format!("{at}/exclusion_zone"), zone);
        }
    }

    fn texts_of_zone(&mut self, at: &str, zone: &ExclusionZoneEntry) {
        let optional =
            [("map_reference", &zone.map_reference, 200), ("boundary", &zone.boundary, 500)];
        for (field, text, at_most) in optional {
            if !text.is_empty() {
                self.text(&format!("{at}/{field}"), text, at_most);
            }
        }
        for (index, road) in zone.roads.iter().enumerate() {
            self.text(&format!("{at}/roads/{index}"), road, 100);
        }
        for (index, transit) in zone.transit.iter().enumerate() {
            if !transit.name.trim().is_empty() {
                self.text(&format!("{at}/transit/{index}/name"), &transit.name, 100);
            }
        }
        for (index, span) in zone.hours.iter().flat_map(|hours| &hours.spans).enumerate() {
            if span.days.is_empty() {
                self.fault(&format!("{at}/hours/spans/{index}/days"), "names no day");
            }
        }
    }
}
