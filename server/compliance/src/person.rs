//! What officers should know of a person before they meet them: warnings, and a photo that shows
//! who it is.

use crate::word::words;

words! {
    /// Why to take care, in the words of the warning signals of the Police National Computer.
    WarningKind {
        Violent = "violent",
        /// Carries or uses weapons other than firearms.
        Weapons = "weapons",
        Firearms = "firearms",
        Explosives = "explosives",
        /// Runs, or has escaped before.
        Escaper = "escaper",
        /// Makes allegations against officers: go in pairs, with cameras on.
        Alleges = "alleges",
        OffendsOnBail = "offends_on_bail",
        SelfHarm = "self_harm",
        Suicidal = "suicidal",
        MentalHealth = "mental_health",
        /// An illness or an injury that needs care.
        Ailment = "ailment",
        Contagious = "contagious",
        Drugs = "drugs",
        Other = "other",
    }
}

impl WarningKind {
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Violent => "Violent",
            Self::Weapons => "Carries weapons",
            Self::Firearms => "Firearms",
            Self::Explosives => "Explosives",
            Self::Escaper => "May run",
            Self::Alleges => "Makes allegations",
            Self::OffendsOnBail => "Offends on bail",
            Self::SelfHarm => "Harms themselves",
            Self::Suicidal => "May take their own life",
            Self::MentalHealth => "Mental health",
            Self::Ailment => "Ill or injured",
            Self::Contagious => "Contagious illness",
            Self::Drugs => "Uses drugs",
            Self::Other => "Take care",
        }
    }
}

words! {
    /// What kind of picture a photo is.
    PhotoType {
        Jpeg = "image/jpeg",
        Png = "image/png",
        Webp = "image/webp",
    }
}

impl PhotoType {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    /// Whether a file begins as one of this kind does.
    pub fn begins(self, file: &[u8]) -> bool {
        match self {
            Self::Jpeg => file.starts_with(&[0xff, 0xd8, 0xff]),
            Self::Png => file.starts_with(b"\x89PNG\r\n\x1a\n"),
            Self::Webp => file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP".as_slice()),
        }
    }
}

/// What a phone can fetch over a bad signal, and still shows a face.
pub const PHOTO_BYTES_MAX: usize = 150_000;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhotoFault {
    #[error("is empty: take the photo again")]
    Empty,
    #[error("is {bytes} bytes, more than 150000: save it smaller, or with more compression")]
    TooLarge { bytes: usize },
    #[error("is no {0}: name the type that the file has, or save it as JPEG")]
    OtherType(PhotoType),
}

/// Whether a file can be a photo of this kind. What it shows, only a person can tell.
pub fn check_photo(photo_type: PhotoType, file: &[u8]) -> Result<(), PhotoFault> {
    if file.is_empty() {
        return Err(PhotoFault::Empty);
    }
    if PHOTO_BYTES_MAX < file.len() {
        return Err(PhotoFault::TooLarge { bytes: file.len() });
    }
    if photo_type.begins(file) { Ok(()) } else { Err(PhotoFault::OtherType(photo_type)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word::Word;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

    #[test]
    fn a_photo_begins_as_its_kind_does() {
        let webp = b"RIFF\x24\0\0\0WEBPVP8 ";
        let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0];
        let files = [(PhotoType::Jpeg, jpeg.as_slice()), (PhotoType::Png, PNG)];
        for (is, file) in files.into_iter().chain([(PhotoType::Webp, webp.as_slice())]) {
            for kind in PhotoType::ALL {
                assert_eq!(check_photo(*kind, file).is_ok(), *kind == is, "{kind} of {is}");
            }
        }
        for file in [b"RIFF".as_slice(), b"RIFF\x24\0\0\0WAVE", b"<svg/>", b"GIF89a", b"\xff\xd8"] {
            assert!(PhotoType::ALL.iter().all(|kind| check_photo(*kind, file).is_err()));
        }
    }

    #[test]
    fn a_photo_is_neither_empty_nor_too_large_for_a_phone() {
        let of = |bytes: usize| {
            let mut file = PNG.to_vec();
            file.resize(bytes, 0);
            check_photo(PhotoType::Png, &file)
        };
        assert_eq!(of(0), Err(PhotoFault::Empty));
        assert_eq!(
            (of(150_000), of(150_001)),
            (Ok(()), Err(PhotoFault::TooLarge { bytes: 150_001 }))
        );
    }
}
