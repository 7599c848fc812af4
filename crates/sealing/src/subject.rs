//! A person's key, and what it seals.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ulid::Ulid;

use crate::MasterKeyError;

/// The length of a key, in bytes.
pub(crate) const KEY_LEN: usize = 32;

/// Why something cannot be sealed or opened. A key that was destroyed is no such error: it is absent.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SealError {
    /// It was sealed with another key or for another place, or it was changed.
    #[error("a sealed text does not fit its key or its place")]
    Broken,
    /// The configuration lacks the master key that is needed.
    #[error("the master key {0} is not among the configured ones")]
    UnknownMasterKey(String),
    /// Under that name the database knows another master key.
    #[error("the master key {0} is another one than the one that the database knows by this name")]
    OtherMasterKey(String),
    /// It wraps nothing more.
    #[error("the master key {0} has been retired")]
    RetiredMasterKey(String),
    /// The file of master keys could not be read again.
    #[error(transparent)]
    Master(#[from] Arc<MasterKeyError>),
}

/// What a sealed text is bound to: moved to any other place, it does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The event that holds it.
    pub event_id: Ulid,
    /// That event's type.
    pub event_type: &'a str,
    /// Which form of that type.
    pub schema_version: u16,
    /// Where in the event.
    pub field: &'a str,
}

impl Place<'_> {
    /// The associated data: four lines, none of which can hold a line break.
    fn bytes(&self) -> Vec<u8> {
        let Self { event_id, event_type, schema_version, field } = self;
        format!("docket sealed text v1\n{event_id}\n{event_type}\n{schema_version}\n{field}")
            .into_bytes()
    }
}

/// A person's key.
pub struct SubjectKey {
    id: Ulid,
    key: RandomizedNonceKey,
}

impl SubjectKey {
    pub(crate) fn new(id: Ulid, bytes: &[u8; KEY_LEN]) -> Result<Self, SealError> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, bytes).map_err(|_| SealError::Broken)?;
        Ok(Self { id, key })
    }

    /// What stands with everything that it seals.
    pub fn id(&self) -> Ulid {
        self.id
    }

    /// Seals `text` for `place`: nonce, ciphertext and tag in base64url without padding.
    pub fn seal(&self, place: Place<'_>, text: &str) -> Result<String, SealError> {
        let mut sealed = text.as_bytes().to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(place.bytes()), &mut sealed)
            .map_err(|_| SealError::Broken)?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode([nonce.as_ref(), sealed.as_slice()].concat()))
    }

    /// The text that [`Self::seal`] sealed for `place`.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<String, SealError> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).map_err(|_| SealError::Broken)?;
        let text = open(&self.key, Aad::from(place.bytes()), &sealed)?;
        String::from_utf8(text).map_err(|_| SealError::Broken)
    }
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubjectKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Opens a nonce that is followed by ciphertext and tag.
pub(crate) fn open(
    key: &RandomizedNonceKey,
    aad: Aad<Vec<u8>>,
    sealed: &[u8],
) -> Result<Vec<u8>, SealError> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or(SealError::Broken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Broken)?;
    let mut opened = sealed.to_vec();
    let length = key.open_in_place(nonce, aad, &mut opened).map_err(|_| SealError::Broken)?.len();
    opened.truncate(length);
    Ok(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> =
        Place { event_id: Ulid(1), event_type: "OrderPaid", schema_version: 1, field: "note" };

    #[test]
    fn a_text_opens_with_its_key_in_its_place_and_nowhere_else() {
        let key = SubjectKey::new(Ulid(7), &[9; KEY_LEN]).unwrap();
        let sealed = key.seal(PLACE, "çok gizli").unwrap();
        assert_eq!(key.open(PLACE, &sealed).unwrap(), "çok gizli");
        let elsewhere = [
            Place { event_id: Ulid(2), ..PLACE },
            Place { event_type: "OrderPaid2", ..PLACE },
            Place { schema_version: 2, ..PLACE },
            Place { field: "address", ..PLACE },
        ];
        for place in elsewhere {
            assert!(matches!(key.open(place, &sealed), Err(SealError::Broken)), "{place:?}");
        }
        let other = SubjectKey::new(Ulid(7), &[8; KEY_LEN]).unwrap();
        assert!(matches!(other.open(PLACE, &sealed), Err(SealError::Broken)));
        for broken in ["", "AAAA", &sealed[1..], "not base64!"] {
            assert!(matches!(key.open(PLACE, broken), Err(SealError::Broken)), "{broken}");
        }
        assert_ne!(key.seal(PLACE, "çok gizli").unwrap(), sealed, "a nonce was used twice");
    }

    #[test]
    fn no_key_is_shown() {
        let key = SubjectKey::new(Ulid(7), &[9; KEY_LEN]).unwrap();
        assert_eq!(format!("{key:?}"), "SubjectKey { id: Ulid(7), .. }".to_owned());
    }
}
