//! What officers see of the subjects: warnings, and photos that are outlines drawn here, because
//! nobody in the force exists.

use compliance::Instant;
use compliance::instant::{HOUR_MS, MINUTE_MS};
use compliance::person::{PhotoType, WarningKind};

use super::calendar::Calendar;
use super::force::{SUBJECTS, reference};
use super::script::Scene;
use super::silhouette;
use crate::ZONE;
use crate::identity::Identity;
use crate::operations::photos::{NewPhoto, record_photo};
use crate::operations::warnings::{end_warning, record_warning};

/// By the number of their order.
const WARNINGS: [(usize, WarningKind, &str); 9] = [
    (5, WarningKind::Violent, "Fought with the officers who came with the order."),
    (5, WarningKind::Alleges, "Complained after both visits: go in pairs, with cameras on."),
    (14, WarningKind::Weapons, "Had a lock knife in a jacket when searched in 2024."),
    (25, WarningKind::SelfHarm, "Cut both arms in a cell last year."),
    (33, WarningKind::MentalHealth, "Is seen by the community team; slow, calm words help."),
    (41, WarningKind::Escaper, "Went over the back fence when officers came."),
    (47, WarningKind::Ailment, "Has epilepsy, and carries tablets for it."),
    (52, WarningKind::OffendsOnBail, "Two convictions for offences on bail."),
    (58, WarningKind::Suicidal, "Said at the counter that there is nothing left to live for."),
];
/// Was warned of, and is well again.
const WAS_ILL: usize = 8;
/// Of whom there is a newer one as well.
const AGAIN: usize = 12;

pub fn scenes(identity: &Identity, calendar: Calendar) -> Vec<Scene> {
    let warnings = WARNINGS.iter().map(|of| warns(calendar, *of));
    // Of every third, nobody has one.
    let photos = (0..SUBJECTS).filter(|number| number % 3 != 2);
    let photos = photos.map(|number| {
        let minutes = i64::try_from(number).unwrap_or(0) * MINUTE_MS;
        photographed(calendar, number, calendar.ago(60, 10 * HOUR_MS) + minutes)
    });
    let again = photographed(calendar, AGAIN, calendar.ago(9, 11 * HOUR_MS));
    warnings.chain(photos).chain([again]).chain(was_ill(identity, calendar)).collect()
}

fn warns(calendar: Calendar, (number, kind, says): (usize, WarningKind, &'static str)) -> Scene {
    let at = calendar.ago(50, 15 * HOUR_MS);
    Scene::new(at, reference(calendar.begins_on, number), move |tx, actor, order| {
        let record = actor.identity.id(actor.now);
        record_warning(tx, actor, (order.id, record), (kind, says)).map(drop)
    })
}

fn was_ill(identity: &Identity, calendar: Calendar) -> [Scene; 2] {
    let of = reference(calendar.begins_on, WAS_ILL);
    let (began, ended) = (calendar.ago(45, 9 * HOUR_MS), calendar.ago(12, 9 * HOUR_MS));
    let warning = identity.id(began);
    let begins = Scene::new(began, of.clone(), move |tx, actor, order| {
        let says = "Has shingles: keep a distance, and gloves on.";
        record_warning(tx, actor, (order.id, warning), (WarningKind::Contagious, says)).map(drop)
    });
    let ends = Scene::new(ended, of, move |tx, actor, _| {
        let record = actor.identity.id(actor.now);
        end_warning(tx, actor, (warning, record), "Well again, by a doctor's note.").map(drop)
    });
    [begins, ends]
}

fn photographed(calendar: Calendar, number: usize, at: Instant) -> Scene {
    Scene::new(at, reference(calendar.begins_on, number), move |tx, actor, order| {
        let photo = NewPhoto {
            photo_type: PhotoType::Png,
            taken_on: actor.now.local_date(ZONE),
            image: silhouette::png(number),
        };
        let record = actor.identity.id(actor.now);
        record_photo(tx, actor, (order.id, record), &photo).map(drop)
    })
}
