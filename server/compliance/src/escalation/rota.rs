//! Who is on duty, who is away, and who covers for them.

use super::Rung;
use crate::instant::{DAY_MS, Instant};
use crate::word::{Word, words};

/// A line of the rota lasts at most this long; longer ones are forgotten on the wall.
pub const ENTRY_MS_MAX: i64 = 92 * DAY_MS;
/// Cover of cover of cover is nobody's.
const COVERS_MAX: usize = 3;

words! {
    RotaKind {
        /// Stands on a rung.
        OnDuty = "on_duty",
        /// Is away; whoever covers is told instead.
        Absent = "absent",
    }
}

words! {
    /// What the rota says of somebody at one instant.
    Presence {
        OnDuty = "on_duty",
        Away = "away",
        /// Nothing; they may be there all the same.
        NotOnRota = "not_on_rota",
    }
}

/// A line of the rota, half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<Account, Place> {
    pub kind: RotaKind,
    pub account: Account,
    /// Of a duty.
    pub rung: Option<Rung>,
    /// Of a duty at one place; else everywhere.
    pub place: Option<Place>,
    /// Of an absence.
    pub covered_by: Option<Account>,
    pub from: Instant,
    pub until: Instant,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RotaFault {
    #[error("It has to end after it begins.")]
    EndsFirst,
    #[error("A line of the rota lasts at most 92 days.")]
    TooLong,
    #[error("It is over already.")]
    Over,
    #[error(
        "Say on which step of the ladder the person is on duty: supervisor, coordinator or control room."
    )]
    NoRung,
    #[error("An absence has no step and no place.")]
    NotForAbsence,
    #[error("Only an absence is covered.")]
    NotForDuty,
    #[error("Nobody covers for themselves.")]
    CoversThemselves,
}

impl<Account: Copy + Eq, Place: Copy + Eq> Entry<Account, Place> {
    pub fn check(&self, now: Instant) -> Result<(), RotaFault> {
        if self.until <= self.from {
            return Err(RotaFault::EndsFirst);
        }
        if self.until - self.from > ENTRY_MS_MAX {
            return Err(RotaFault::TooLong);
        }
        if self.until <= now {
            return Err(RotaFault::Over);
        }
        match self.kind {
            RotaKind::OnDuty if self.covered_by.is_some() => Err(RotaFault::NotForDuty),
            RotaKind::OnDuty if self.rung.is_none_or(|rung| rung == Rung::Owner) => {
                Err(RotaFault::NoRung)
            }
            RotaKind::Absent if self.rung.is_some() || self.place.is_some() => {
                Err(RotaFault::NotForAbsence)
            }
            RotaKind::Absent if self.covered_by == Some(self.account) => {
                Err(RotaFault::CoversThemselves)
            }
            RotaKind::OnDuty | RotaKind::Absent => Ok(()),
        }
    }

    fn holds(&self, at: Instant) -> bool {
        self.from <= at && at < self.until
    }
}

/// The lines that stand.
#[derive(Debug, Clone)]
pub struct Rota<Account, Place> {
    pub entries: Vec<Entry<Account, Place>>,
}

impl<Account, Place> Default for Rota<Account, Place> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<Account: Copy + Eq, Place: Copy + Eq> Rota<Account, Place> {
    /// Who is told in the place of somebody: themselves, or whoever covers while they are away; nobody
    /// when they are away and nobody does.
    pub fn stands_in(&self, account: Account, at: Instant) -> Option<Account> {
        let mut current = account;
        for _ in 0..=COVERS_MAX {
            let mut absences = self.entries.iter().filter(|entry| {
                entry.kind == RotaKind::Absent && entry.account == current && entry.holds(at)
            });
            match absences.next_back() {
                None => return Some(current),
                Some(absence) => current = absence.covered_by?,
            }
        }
        None
    }

    /// Who is on duty on a rung for a place; of an alert about no place, for any.
    pub fn on_duty(&self, rung: Rung, place: Option<Place>, at: Instant) -> Vec<Account> {
        let is_there = |entry: &&Entry<Account, Place>| {
            entry.kind == RotaKind::OnDuty
                && entry.rung == Some(rung)
                && (entry.place.is_none() || place.is_none() || entry.place == place)
                && entry.holds(at)
        };
        let mut found = Vec::new();
        for entry in self.entries.iter().filter(is_there) {
            let stands_in = self.stands_in(entry.account, at);
            found.extend(stands_in.filter(|account| !found.contains(account)));
        }
        found
    }

    /// Whoever stands in for somebody on duty is on duty.
    pub fn presence(&self, account: Account, at: Instant) -> Presence {
        if self.stands_in(account, at) != Some(account) {
            return Presence::Away;
        }
        let is_on = |rung: &Rung| self.on_duty(*rung, None, at).contains(&account);
        match Rung::ALL.iter().any(is_on) {
            true => Presence::OnDuty,
            false => Presence::NotOnRota,
        }
    }

    /// When who is on duty may change.
    pub fn changes(&self) -> Vec<Instant> {
        self.entries.iter().flat_map(|entry| [entry.from, entry.until]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Instant {
        Instant::from_ms(hour * 3_600_000)
    }

    fn duty(account: char, rung: Rung, place: Option<u8>, hours: (i64, i64)) -> Entry<char, u8> {
        let (from, until) = (at(hours.0), at(hours.1));
        let kind = RotaKind::OnDuty;
        Entry { kind, account, rung: Some(rung), place, covered_by: None, from, until }
    }

    fn away(account: char, covered_by: Option<char>, hours: (i64, i64)) -> Entry<char, u8> {
        let (from, until) = (at(hours.0), at(hours.1));
        let kind = RotaKind::Absent;
        Entry { kind, account, rung: None, place: None, covered_by, from, until }
    }

    #[test]
    fn whoever_is_away_is_stood_in_for_until_they_are_back() {
        let rota = Rota {
            entries: vec![
                away('a', Some('b'), (8, 16)),
                away('b', Some('c'), (10, 12)),
                away('d', None, (8, 16)),
                away('x', Some('y'), (8, 16)),
                away('y', Some('x'), (8, 16)),
            ],
        };
        let told = |account, hour| rota.stands_in(account, at(hour));
        assert_eq!(
            [7, 8, 10, 12, 16].map(|hour| told('a', hour)),
            ['a', 'b', 'c', 'b', 'a'].map(Some)
        );
        assert_eq!((told('d', 9), told('d', 16)), (None, Some('d')));
        assert_eq!(told('x', 9), None, "two who cover for each other are nobody");
    }

    #[test]
    fn somebody_is_on_duty_away_or_not_on_the_rota() {
        let rota = Rota {
            entries: vec![
                duty('a', Rung::Supervisor, Some(1), (8, 16)),
                away('a', Some('b'), (12, 14)),
                away('c', None, (8, 16)),
            ],
        };
        let of = |account, hour| rota.presence(account, at(hour));
        use Presence::{Away, NotOnRota, OnDuty};
        assert_eq!(
            [7, 8, 12, 14, 16].map(|hour| of('a', hour)),
            [NotOnRota, OnDuty, Away, OnDuty, NotOnRota]
        );
        assert_eq!([8, 12, 14].map(|hour| of('b', hour)), [NotOnRota, OnDuty, NotOnRota]);
        assert_eq!((of('c', 8), of('d', 8)), (Away, NotOnRota));
    }

    #[test]
    fn duty_is_for_a_place_and_a_time() {
        let rota = Rota {
            entries: vec![
                duty('a', Rung::Supervisor, Some(1), (0, 8)),
                duty('b', Rung::Supervisor, None, (6, 12)),
                duty('c', Rung::Coordinator, None, (0, 24)),
                away('b', Some('a'), (7, 9)),
            ],
        };
        let on = |place, hour| rota.on_duty(Rung::Supervisor, place, at(hour));
        assert_eq!(on(Some(1), 2), ['a']);
        assert_eq!(on(Some(2), 2), []);
        assert_eq!(on(None, 2), ['a']);
        assert_eq!(on(Some(1), 6), ['a', 'b']);
        assert_eq!(on(Some(1), 7), ['a'], "who covers for another is told once");
        assert_eq!(on(Some(2), 9), ['b']);
        assert_eq!(on(Some(2), 12), []);
        assert_eq!(rota.on_duty(Rung::Coordinator, Some(7), at(23)), ['c']);
    }

    #[test]
    fn a_line_that_cannot_be_is_refused() {
        let now = at(1);
        assert_eq!(duty('a', Rung::Supervisor, None, (0, 8)).check(now), Ok(()));
        assert_eq!(away('a', Some('b'), (0, 8)).check(now), Ok(()));
        let rows = [
            (duty('a', Rung::Supervisor, None, (8, 8)), RotaFault::EndsFirst),
            (duty('a', Rung::Supervisor, None, (0, 92 * 24 + 1)), RotaFault::TooLong),
            (duty('a', Rung::Supervisor, None, (0, 1)), RotaFault::Over),
            (duty('a', Rung::Owner, None, (0, 8)), RotaFault::NoRung),
            (Entry { rung: None, ..duty('a', Rung::Owner, None, (0, 8)) }, RotaFault::NoRung),
            (Entry { place: Some(1), ..away('a', None, (0, 8)) }, RotaFault::NotForAbsence),
            (away('a', Some('a'), (0, 8)), RotaFault::CoversThemselves),
            (
                Entry { covered_by: Some('b'), ..duty('a', Rung::Supervisor, None, (0, 8)) },
                RotaFault::NotForDuty,
            ),
        ];
        for (entry, fault) in rows {
            assert_eq!(entry.check(now), Err(fault), "{entry:?}");
        }
    }
}
