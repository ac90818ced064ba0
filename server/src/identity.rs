//! The only maker of ids, tokens and their digests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compliance::Instant;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Where ids and randomness come from. A seed makes every run of the demo and of a test the same.
#[derive(Debug, Clone)]
pub enum Identity {
    System,
    Seeded { seed: u64, drawn: Arc<AtomicU64> },
}

/// What a caller shows; only its digest is kept.
pub struct Token(String);

impl Identity {
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded { seed, drawn: Arc::new(AtomicU64::new(0)) }
    }

    /// A UUIDv7 (RFC 9562): ordered by time, so that indexes grow at their end.
    pub fn id<Id: From<Uuid>>(&self, now: Instant) -> Id {
        let ms = u64::try_from(now.ms()).unwrap_or(0);
        let mut random = [0; 10];
        self.fill(&mut random);
        uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid().into()
    }

    /// 256 bits, the size that makes guessing hopeless (ASVS 11.5.1).
    pub fn token(&self) -> Token {
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        Token(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// 80 bits for people to write down: nobody may try many, so that is far out of reach.
    pub fn secret(&self) -> Secret {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().unwrap_or(b'0');
        Secret(bytes.iter().map(letter).map(char::from).collect())
    }

    /// 256 bits for an instance to keep. With a seed they are the same whatever was drawn before, and
    /// nothing that is drawn later is another for them.
    pub fn key(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        match self {
            Self::System => self.fill(&mut bytes),
            Self::Seeded { seed, .. } => bytes = sha256(format!("key of {seed}").as_bytes()),
        }
        bytes
    }

    /// # Panics
    /// When the system has no randomness to give: nothing can be kept secret then.
    pub fn fill(&self, bytes: &mut [u8]) {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that draws")]
            #[expect(clippy::expect_used, reason = "there is nothing to go on with")]
            Self::System => getrandom::fill(bytes).expect("the system's randomness"),
            Self::Seeded { seed, drawn } => {
                for chunk in bytes.chunks_mut(32) {
                    let mut hash = Sha256::new();
                    hash.update(seed.to_be_bytes());
                    hash.update(drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes());
                    let drawn = hash.finalize();
                    chunk.iter_mut().zip(drawn).for_each(|(byte, drawn)| *byte = drawn);
                }
            }
        }
    }

    /// A number below `bound`, near enough to evenly for demo data; 0 for a bound of 0.
    pub fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_be_bytes(bytes).checked_rem(bound).unwrap_or(0)
    }
}

/// The same key has the same id, whoever reckons it. A UUIDv8 (RFC 9562), so that it is none that a
/// client makes.
pub fn derived<Id: From<Uuid>>(key: &str) -> Id {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(sha256(key.as_bytes())).for_each(|(byte, digest)| *byte = digest);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().into()
}

impl Token {
    pub fn shown(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn digest(&self) -> [u8; 32] {
        sha256(self.0.as_bytes())
    }
}

/// Without I, L, O and U, which are read as something else.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What people write down and type in again; only its digest is kept.
pub struct Secret(String);

impl Secret {
    /// As somebody typed it: in whatever case and groups, and with the letters that look like others.
    pub fn typed(text: &str) -> Self {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        let read = letters.map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        });
        Self(read.collect())
    }

    /// In groups of four.
    pub fn in_groups(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        groups.join("-")
    }

    pub fn digest(&self) -> [u8; 32] {
        sha256(self.0.as_bytes())
    }
}

pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// As people read bytes.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_however_it_was_typed() {
        let written = Secret("0123ABCDEFGHJKMN".to_owned());
        assert_eq!(written.in_groups(), "0123-ABCD-EFGH-JKMN");
        for typed in [
            "0123-ABCD-EFGH-JKMN",
            " o123 abcd efgh jkmn ",
            "OI23abcdefghjkmn",
            "0l23.ABCDEFGHJKMN",
        ] {
            assert_eq!(Secret::typed(typed).digest(), written.digest(), "{typed}");
        }
        assert_ne!(Secret::typed("0123-ABCD-EFGH-JKMM").digest(), written.digest());
    }

    #[test]
    fn secrets_hold_each_letter_and_none_that_is_read_as_another() {
        let identity = Identity::seeded(3);
        let secrets: String = (0..200).map(|_| identity.secret().0).collect();
        assert!(LETTERS.iter().all(|letter| secrets.contains(char::from(*letter))));
        assert!(!secrets.contains(['I', 'L', 'O', 'U']));
    }
}
