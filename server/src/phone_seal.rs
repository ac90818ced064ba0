//! The signature that a phone puts under a record: ECDSA over P-256 and SHA-256, r and s one after the
//! other, as browsers make it. Whether a seal holds, `compliance::sealed_record` says.

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::Public;

/// 0x04 and both coordinates.
const POINT_BYTES: usize = 65;
/// Of r, and of s.
const NUMBER_BYTES: usize = 32;

/// Nothing when the bytes are no uncompressed point of the curve.
fn public_key(point: &[u8]) -> Result<Option<EcKey<Public>>, ErrorStack> {
    if point.len() != POINT_BYTES {
        return Ok(None);
    }
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let mut context = BigNumContext::new()?;
    // OpenSSL refuses a point that is not on the curve.
    let Ok(point) = EcPoint::from_bytes(&group, point, &mut context) else { return Ok(None) };
    EcKey::from_public_key(&group, &point).map(Some)
}

/// Whether the bytes are a public key of P-256.
pub fn is_public_key(point: &[u8]) -> bool {
    public_key(point).is_ok_and(|key| key.is_some())
}

/// Whether whoever holds the private key has signed exactly this; `digest` is the SHA-256 of it.
pub fn does_fit(point: &[u8], digest: &[u8; 32], signature: &[u8]) -> bool {
    let check = || -> Result<bool, ErrorStack> {
        let Some(key) = public_key(point)? else { return Ok(false) };
        let Some((r, s)) = signature.split_at_checked(NUMBER_BYTES) else { return Ok(false) };
        if s.len() != NUMBER_BYTES {
            return Ok(false);
        }
        let (r, s) = (BigNum::from_slice(r)?, BigNum::from_slice(s)?);
        EcdsaSig::from_private_components(r, s)?.verify(digest, &key)
    };
    check().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6\
                          7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    const R: &str = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
    const S: &str = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

    fn bytes(hex: &str) -> Vec<u8> {
        BigNum::from_hex_str(hex).unwrap().to_vec()
    }

    /// RFC 6979, A.2.5: P-256 with SHA-256, of the message "sample".
    #[test]
    fn a_signature_of_the_standards_example_fits_and_no_other() {
        let (point, digest) = (bytes(PUBLIC), crate::identity::sha256(b"sample"));
        let signature = [bytes(R), bytes(S)].concat();
        assert!(is_public_key(&point));
        assert!(does_fit(&point, &digest, &signature));
        assert!(!does_fit(&point, &crate::identity::sha256(b"samplf"), &signature));
        for at in 0..signature.len() {
            let mut changed = signature.clone();
            changed[at] ^= 1;
            assert!(!does_fit(&point, &digest, &changed), "{at}");
        }
        let longer = [signature.as_slice(), &[0]].concat();
        for signature in [&[][..], &[0; 64], &signature[1..], &longer] {
            assert!(!does_fit(&point, &digest, signature), "{signature:?}");
        }
    }

    #[test]
    fn what_is_no_point_of_the_curve_is_no_key() {
        let point = bytes(PUBLIC);
        let mut beside = point.clone();
        beside[64] ^= 1;
        for no_key in [&[][..], &[0], &[4; 65], &[0; 65], &beside, &point[..64]] {
            assert!(!is_public_key(no_key), "{no_key:?}");
        }
    }
}
