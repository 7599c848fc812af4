//! Event ids on the wire.

use tonic::Status;

use crate::protocol::Uuid;
use crate::protocol::uuid::Value;

/// The id's 128 bits.
pub(crate) fn bits(uuid: Option<Uuid>) -> Result<u128, Status> {
    match uuid.and_then(|uuid| uuid.value) {
        Some(Value::Structured(halves)) => {
            let high = u128::from(halves.most_significant_bits.cast_unsigned());
            let low = u128::from(halves.least_significant_bits.cast_unsigned());
            Ok(high << 64 | low)
        }
        Some(Value::String(text)) => u128::from_str_radix(&text.replace('-', ""), 16)
            .map_err(|_| Status::invalid_argument("not a UUID")),
        None => Err(Status::invalid_argument("an event needs an id")),
    }
}

/// The id as text, which is how clients ask for it.
pub(crate) fn text(bits: u128) -> Uuid {
    let hex = format!("{bits:032x}");
    let text = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
    Uuid { value: Some(Value::String(text)) }
}
