//! A time of the service's own, which a phone takes with it and puts into what it signs: it shows that the
//! record was made after that. Nobody else can make one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compliance::Instant;
use compliance::sealed_record::Beacon;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The edition of the token.
const EDITION: u8 = 1;
/// Edition and instant.
const SIGNED_BYTES: usize = 1 + 8;

/// Makes and reads beacons; the same for every instance on one database.
#[derive(Clone)]
pub struct BeaconKey(Hmac<Sha256>);

impl BeaconKey {
    /// From a secret of the instance that serves something else, as `ReceiptKey` is.
    pub fn derived(secret: &[u8]) -> Result<Self, hmac::digest::InvalidLength> {
        let mut derive = Hmac::<Sha256>::new_from_slice(secret)?;
        derive.update(b"holdfast beacons 1");
        Hmac::new_from_slice(&derive.finalize().into_bytes()).map(Self)
    }

    /// Base64url, 55 characters.
    pub fn sign(&self, now: Instant) -> String {
        let mut token = vec![EDITION];
        token.extend(now.ms().to_be_bytes());
        let mut mac = self.0.clone();
        mac.update(&token);
        token.extend(mac.finalize().into_bytes());
        URL_SAFE_NO_PAD.encode(token)
    }

    pub fn read(&self, token: Option<&str>) -> Beacon {
        let Some(token) = token else { return Beacon::Absent };
        let read = || -> Option<Instant> {
            let token = URL_SAFE_NO_PAD.decode(token).ok()?;
            let (signed, code) = token.split_at_checked(SIGNED_BYTES)?;
            let mut mac = self.0.clone();
            mac.update(signed);
            mac.verify_slice(code).ok()?;
            let (edition, ms) = signed.split_first()?;
            let ms = i64::from_be_bytes(ms.try_into().ok()?);
            (*edition == EDITION).then_some(Instant::from_ms(ms))
        };
        read().map_or(Beacon::NotOurs, Beacon::At)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::ReceiptKey;

    const NOW: Instant = Instant::from_ms(1_800_000_000_000);

    #[test]
    fn a_beacon_tells_its_time_to_the_instance_that_gave_it_out() {
        let key = BeaconKey::derived(b"a secret").unwrap();
        let token = key.sign(NOW);
        assert_eq!(token.len(), 55);
        assert_eq!(key.read(Some(&token)), Beacon::At(NOW));
        assert_eq!(key.read(None), Beacon::Absent);
        let other = BeaconKey::derived(b"another secret").unwrap();
        assert_eq!(other.read(Some(&token)), Beacon::NotOurs);
    }

    #[test]
    fn a_beacon_that_anybody_else_made_or_changed_is_none_of_ours() {
        let key = BeaconKey::derived(b"a secret").unwrap();
        let token = key.sign(NOW);
        for at in 0..token.len() {
            let mut changed: Vec<char> = token.chars().collect();
            changed[at] = if changed[at] == 'A' { 'B' } else { 'A' };
            let changed: String = changed.into_iter().collect();
            assert_eq!(key.read(Some(&changed)), Beacon::NotOurs, "{at}");
        }
        let (delivery, subscription) = (uuid::Uuid::nil().into(), uuid::Uuid::nil().into());
        let receipt = crate::receipt::Receipt { delivery, subscription };
        let receipt = ReceiptKey::derived(b"a secret").unwrap().sign(receipt, NOW);
        for text in ["", "A", "!", &receipt, &format!("{token}AAAA")] {
            assert_eq!(key.read(Some(text)), Beacon::NotOurs, "{text}");
        }
    }
}
