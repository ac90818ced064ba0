//! What a phone shows to say that it has shown a message: a token in the message itself, good for that
//! message on that phone, for a week. Whoever carries the message cannot read it.

use compliance::Instant;
use compliance::instant::DAY_MS;
use hmac::digest::InvalidLength;
use uuid::Uuid;

use crate::store::id::{DeliveryId, PushSubscriptionId};
use crate::token_key::TokenKey;

/// A message that was opened later than that says nothing that anybody still asks.
pub const GOOD_FOR_MS: i64 = 7 * DAY_MS;
/// Two ids, an instant.
const CONTENT_BYTES: usize = 16 + 16 + 8;

/// Signs and reads these tokens.
#[derive(Clone)]
pub struct ReceiptKey(TokenKey);

/// A message, and the phone that it was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub delivery: DeliveryId,
    pub subscription: PushSubscriptionId,
}

impl ReceiptKey {
    pub fn derived(secret: &[u8]) -> Result<Self, InvalidLength> {
        TokenKey::derived(secret, "holdfast receipts 1").map(Self)
    }

    /// Base64url, 98 characters.
    pub fn sign(&self, receipt: Receipt, sent_at: Instant) -> String {
        let mut content = Vec::with_capacity(CONTENT_BYTES);
        content.extend(receipt.delivery.as_bytes());
        content.extend(receipt.subscription.as_bytes());
        content.extend((sent_at + GOOD_FOR_MS).ms().to_be_bytes());
        self.0.sign(&content)
    }

    /// Nothing when it is none of ours, or is no longer good; which of the two is not said.
    pub fn read(&self, token: &str, now: Instant) -> Option<Receipt> {
        let content: [u8; CONTENT_BYTES] = self.0.read(token)?;
        let (delivery, rest) = content.split_at_checked(16)?;
        let (subscription, good_until) = rest.split_at_checked(16)?;
        let good_until = Instant::from_ms(i64::from_be_bytes(good_until.try_into().ok()?));
        let receipt = Receipt {
            delivery: Uuid::from_slice(delivery).ok()?.into(),
            subscription: Uuid::from_slice(subscription).ok()?.into(),
        };
        (now < good_until).then_some(receipt)
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
