//! What a phone shows to say that it has shown a message: a token in the message itself, good for that
//! message on that phone, for a week. Whoever carries the message cannot read it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compliance::Instant;
use compliance::instant::DAY_MS;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::store::id::{DeliveryId, PushSubscriptionId};

/// A message that was opened later than that says nothing that anybody still asks.
pub const GOOD_FOR_MS: i64 = 7 * DAY_MS;
/// The edition of the token.
const EDITION: u8 = 1;
/// Edition, two ids, an instant.
const SIGNED_BYTES: usize = 1 + 16 + 16 + 8;

/// Signs and reads tokens; the same for every instance on one database.
#[derive(Clone)]
pub struct ReceiptKey(Hmac<Sha256>);

/// A message, and the phone that it was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub delivery: DeliveryId,
    pub subscription: PushSubscriptionId,
}

impl ReceiptKey {
    /// From a secret of the instance that serves something else: what one of the two signs is of no use
    /// for the other.
    pub fn derived(secret: &[u8]) -> Result<Self, hmac::digest::InvalidLength> {
        let mut derive = Hmac::<Sha256>::new_from_slice(secret)?;
        derive.update(b"holdfast receipts 1");
        Hmac::new_from_slice(&derive.finalize().into_bytes()).map(Self)
    }

    /// Base64url, 98 characters.
    pub fn sign(&self, receipt: Receipt, sent_at: Instant) -> String {
        let mut token = vec![EDITION];
        token.extend(receipt.delivery.as_bytes());
        token.extend(receipt.subscription.as_bytes());
        token.extend((sent_at + GOOD_FOR_MS).ms().to_be_bytes());
        let mut mac = self.0.clone();
        mac.update(&token);
        token.extend(mac.finalize().into_bytes());
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Nothing when it is none of ours, or is no longer good; which of the two is not said.
    pub fn read(&self, token: &str, now: Instant) -> Option<Receipt> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (signed, code) = token.split_at_checked(SIGNED_BYTES)?;
        let mut mac = self.0.clone();
        mac.update(signed);
        mac.verify_slice(code).ok()?;
        let (edition, rest) = signed.split_first()?;
        let (delivery, rest) = rest.split_at_checked(16)?;
        let (subscription, good_until) = rest.split_at_checked(16)?;
        let good_until = Instant::from_ms(i64::from_be_bytes(good_until.try_into().ok()?));
        let is_good = *edition == EDITION && now < good_until;
        is_good.then_some(())?;
        Some(Receipt {
            delivery: Uuid::from_slice(delivery).ok()?.into(),
            subscription: Uuid::from_slice(subscription).ok()?.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT_AT: Instant = Instant::from_ms(1_800_000_000_000);

    fn receipt() -> Receipt {
        let [delivery, subscription] = [1, 2].map(Uuid::from_u128);
        Receipt { delivery: delivery.into(), subscription: subscription.into() }
    }

    #[test]
    fn a_token_is_good_for_a_week_and_to_the_instance_that_gave_it_out() {
        let key = ReceiptKey::derived(b"a secret").unwrap();
        let token = key.sign(receipt(), SENT_AT);
        assert_eq!(token.len(), 98);
        assert_eq!(key.read(&token, SENT_AT), Some(receipt()));
        assert_eq!(key.read(&token, SENT_AT + (GOOD_FOR_MS - 1)), Some(receipt()));
        assert_eq!(key.read(&token, SENT_AT + GOOD_FOR_MS), None);
        let other = ReceiptKey::derived(b"another secret").unwrap();
        assert_eq!(other.read(&token, SENT_AT), None);
    }

    #[test]
    fn a_token_of_which_any_part_was_changed_is_none() {
        let key = ReceiptKey::derived(b"a secret").unwrap();
        let token = key.sign(receipt(), SENT_AT);
        for at in 0..token.len() {
            let mut changed: Vec<char> = token.chars().collect();
            changed[at] = if changed[at] == 'A' { 'B' } else { 'A' };
            let changed: String = changed.into_iter().collect();
            assert_eq!(key.read(&changed, SENT_AT), None, "{at}");
        }
        let cut = |from: usize, to: usize| token.get(from..to).unwrap();
        let cuts = [cut(1, token.len()), cut(0, 97)];
        for text in ["", "A", "!", cuts[0], cuts[1], &format!("{token}AAAA")] {
            assert_eq!(key.read(text, SENT_AT), None, "{text}");
        }
    }
}
