//! Short tokens of the service's own. Anybody can read what is in one, and nobody else can make one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::digest::InvalidLength;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The edition of every token.
const EDITION: u8 = 1;

/// Makes and reads the tokens of one purpose; the same for every instance on one database.
#[derive(Clone)]
pub struct TokenKey(Hmac<Sha256>);

impl TokenKey {
    /// From a secret of the instance that serves something else: what is signed for one purpose is of no
    /// use for another.
    pub fn derived(secret: &[u8], purpose: &str) -> Result<Self, InvalidLength> {
        let mut derive = Hmac::<Sha256>::new_from_slice(secret)?;
        derive.update(purpose.as_bytes());
        Hmac::new_from_slice(&derive.finalize().into_bytes()).map(Self)
    }

    /// Edition, content and code, as base64url.
    pub fn sign(&self, content: &[u8]) -> String {
        let mut token = vec![EDITION];
        token.extend(content);
        let mut mac = self.0.clone();
        mac.update(&token);
        token.extend(mac.finalize().into_bytes());
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The content; nothing when it is none of ours, or is not so long.
    pub fn read<const BYTES: usize>(&self, token: &str) -> Option<[u8; BYTES]> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (signed, code) = token.split_at_checked(1 + BYTES)?;
        let mut mac = self.0.clone();
        mac.update(signed);
        mac.verify_slice(code).ok()?;
        let (edition, content) = signed.split_first()?;
        content.try_into().ok().filter(|_| *edition == EDITION)
    }
}
