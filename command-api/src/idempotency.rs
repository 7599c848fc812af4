//! What makes a repeated command recognisable without a table of its own: event ids that follow from
//! the caller and his `Idempotency-Key`, and a fingerprint of what was asked.

use events::UserId;
use serde::Serialize;
use sha2::{Digest, Sha256};
use ulid::Ulid;
use web::IdempotencyKey;

/// The id of the `index`-th event, from 0, that a command of `caller` under `key` makes.
pub(crate) fn event_id(caller: &UserId, key: &IdempotencyKey, index: u32) -> Ulid {
    // Neither a user id nor a key can hold the NUL that parts them.
    let digest = Sha256::new()
        .chain_update(caller.as_str())
        .chain_update([0])
        .chain_update(key.as_str())
        .chain_update([0])
        .chain_update(index.to_be_bytes())
        .finalize();
    Ulid::from_bytes(std::array::from_fn(|i| digest[i]))
}

/// What was asked, hashed: the same for the same request, however its JSON was written.
pub(crate) fn fingerprint(request: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(hex::encode(Sha256::digest(serde_json::to_vec(request)?)))
}
