//! Photos of the subject, each as it was put on file.

use super::PackFile;
use crate::operations::evidence_pack::CaseFile;

const HOLDS: &str = "A photo of the subject, as it was put on file";

pub fn files(found: &CaseFile) -> impl Iterator<Item = PackFile> {
    found.photos.iter().map(|(id, photo)| {
        let name = format!("photos/{id}.{}", photo.photo_type.extension());
        PackFile::new(name, HOLDS, photo.image.clone())
    })
}
