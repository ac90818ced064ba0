//! The ground that a subject must keep away from, by every order on them, and what a position shows
//! about it. Read once for each batch of positions.

use compliance::Instant;
use compliance::order::{ConditionKind, Span, span};
use compliance::order_status::Appeal;
use compliance::place::{Fix, Sighting};
use compliance::prohibition::NoApproach;
use compliance::zone::{Judgement, Step, Zone, ZoneRefusal, judge_step};

use super::grade_condition::{details, unreadable};
use super::order_life::{appeals_of, life_of_row};
use crate::ZONE;
use crate::import_file::prohibitions::Misfit;
use crate::store::id::{ConditionId, SubjectId};
use crate::store::orders::{self, Condition, Order, OrderVersion};
use crate::store::{StoreError, Tx};

/// One condition's ground, in one version of one order.
#[derive(Debug, Clone)]
pub struct Ground {
    pub order: Order,
    pub condition: ConditionId,
    pub label: String,
    pub kind: ConditionKind,
    /// While its version is the one in force. Before the first version, the first one is told.
    version: Span,
    zone: Zone,
    appeals: Vec<Appeal>,
}

#[derive(Debug, Clone, Default)]
pub struct Grounds(Vec<Ground>);

impl Grounds {
    /// Of every order on the subject, whoever may know of it: an officer who sees the subject need
    /// not know of all of them.
    pub fn of_subject(tx: &mut Tx<'_>, subject: SubjectId) -> Result<Self, StoreError> {
        let mut grounds = Vec::new();
        let found = orders::of_subject_for_service(tx, subject)?;
        let ids: Vec<_> = found.iter().map(|order| order.id).collect();
        let appeals = appeals_of(tx, &ids)?;
        for order in found {
            let versions = orders::versions(tx, order.id)?;
            let appeals = appeals.get(&order.id).cloned().unwrap_or_default();
            grounds.extend(Self::of_order(tx, &order, &versions, appeals)?.0);
        }
        Ok(Self(grounds))
    }

    /// Of one order, by these of its versions.
    pub fn of_order(
        tx: &mut Tx<'_>,
        order: &Order,
        versions: &[OrderVersion],
        appeals: Vec<Appeal>,
    ) -> Result<Self, StoreError> {
        let mut grounds = Vec::new();
        for (at, version) in versions.iter().enumerate() {
            let next = versions.get(at + 1).map(|next| next.in_force_from);
            for (condition, _) in orders::conditions(tx, version.id)? {
                let Some(zone) = zone(&condition)? else { continue };
                let zone = in_force(zone, order, (version, next), &condition);
                let from = if at == 0 { Instant::from_ms(i64::MIN) } else { version.in_force_from };
                grounds.push(Ground {
                    order: order.clone(),
                    condition: condition.id,
                    label: condition.label,
                    kind: condition.kind,
                    version: Span { from, until: next },
                    zone,
                    appeals: appeals.clone(),
                });
            }
        }
        Ok(Self(grounds))
    }

    pub fn conditions(&self) -> Vec<ConditionId> {
        self.0.iter().map(|ground| ground.condition).collect()
    }

    /// What a position shows about each ground of the versions in force at that instant.
    pub fn judge(&self, fix: Fix, at: Instant) -> impl Iterator<Item = (&Ground, Judgement)> {
        let told = self.0.iter().filter(move |ground| ground.is_told_at(at));
        told.map(move |ground| (ground, ground.zone.judge(Some(fix), at)))
    }

    /// What the way between two positions shows that they do not show by themselves.
    pub fn judge_way(&self, from: &Sighting, to: &Sighting) -> Way<'_> {
        let told =
            self.0.iter().filter(|ground| ground.is_told_at(from.at) || ground.is_told_at(to.at));
        let mut way = Way::default();
        for ground in told {
            match judge_step(&ground.zone, from, to) {
                Step::MayHaveCrossed(found) => way.crossed.push((ground, found)),
                Step::Implausible { .. } => way.is_jump = true,
                _ => {}
            }
        }
        way
    }

    /// The same grounds with another buffer around the zones that orders name. The distance that an order
    /// names itself stays.
    pub fn with_buffer_m(&self, buffer_m: f64) -> Result<Self, ZoneRefusal> {
        let mut grounds = self.0.clone();
        for ground in &mut grounds {
            if ground.kind == ConditionKind::ExclusionZone {
                ground.zone = ground.zone.clone().with_buffer_m(buffer_m)?;
            }
        }
        Ok(Self(grounds))
    }
}

/// From one position of a tag to the next.
#[derive(Debug, Default)]
pub struct Way<'g> {
    /// The grounds that may have been crossed on it.
    pub crossed: Vec<(&'g Ground, Judgement)>,
    /// Nobody is so fast: one of the two is wrong.
    pub is_jump: bool,
}

impl Way<'_> {
    /// Who or what says where the subject was at its end.
    pub fn by(&self) -> &'static str {
        if self.is_jump { "by the tag, after a jump too fast to be true" } else { "by the tag" }
    }
}

impl Ground {
    /// Whether a court had suspended the order then: what is seen is verified, and not dropped.
    pub fn is_stayed_at(&self, at: Instant) -> bool {
        self.appeals.iter().any(|appeal| appeal.is_stay_at(at))
    }

    fn is_told_at(&self, at: Instant) -> bool {
        self.version.from <= at && self.version.until.is_none_or(|until| at < until)
    }
}

/// The ground of a condition that has any. Of a term that is tied to a person there is none.
pub fn zone(condition: &Condition) -> Result<Option<Zone>, StoreError> {
    let details = details(condition)?;
    let unreadable = |misfit: Misfit| unreadable(condition, &misfit);
    if let Some(entry) = details.exclusion_zone {
        return entry.zone().map(Some).map_err(unreadable);
    }
    let Some(entry) = details.no_approach else { return Ok(None) };
    match entry.term().map_err(unreadable)? {
        NoApproach::Person(_) => Ok(None),
        NoApproach::Place(place) => place.zone(0.0).map(Some).map_err(|refusal| {
            unreadable(Misfit { pointer: "/place".to_owned(), says: refusal.to_string() })
        }),
    }
}

/// The zone while its condition binds the subject; never, of an order that was not served.
fn in_force(
    zone: Zone,
    order: &Order,
    (version, next): (&OrderVersion, Option<Instant>),
    condition: &Condition,
) -> Zone {
    let never = Span { from: Instant::from_ms(i64::MAX), until: None };
    let version = Span { from: version.in_force_from, until: next };
    let last_days = [condition.valid_until, order.ends_on];
    let whole = span(version, condition.valid_from, last_days, ZONE);
    let binds = life_of_row(order).binding().map(|binding| Span {
        from: whole.from.max(binding.from),
        until: whole.until.into_iter().chain(binding.until).min(),
    });
    let is_ever = |span: &Span| span.until.is_none_or(|until| span.from < until);
    zone.in_force_during(binds.filter(is_ever).unwrap_or(never))
}
