//! A time of the service's own, which a phone takes with it and puts into what it signs: it shows that the
//! record was made after that. Nobody else can make one.

use compliance::Instant;
use compliance::sealed_record::Beacon;
use hmac::digest::InvalidLength;

use crate::token_key::TokenKey;

/// Makes and reads beacons.
#[derive(Clone)]
pub struct BeaconKey(TokenKey);

impl BeaconKey {
    pub fn derived(secret: &[u8]) -> Result<Self, InvalidLength> {
        TokenKey::derived(secret, "holdfast beacons 1").map(Self)
    }

    /// Base64url, 55 characters.
    pub fn sign(&self, now: Instant) -> String {
        self.0.sign(&now.ms().to_be_bytes())
    }

    pub fn read(&self, token: Option<&str>) -> Beacon {
        let Some(token) = token else { return Beacon::Absent };
        let told_at = self.0.read(token).map(|ms| Instant::from_ms(i64::from_be_bytes(ms)));
        told_at.map_or(Beacon::NotOurs, Beacon::At)
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
