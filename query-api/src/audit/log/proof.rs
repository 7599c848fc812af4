//! `/api/v1/audit/log/proof/…`: what the tiles prove, for those who do not want to compute it.

pub mod consistency;
pub mod inclusion;

use web::{Input, Reason};

/// The largest number that engines and tables share.
const MOST: u64 = i64::MAX as u64;

/// A number of events from `least` on.
fn count(least: u64) -> impl FnOnce(Input) -> Result<u64, Reason> {
    move |input| {
        let text = input.string()?;
        // `parse` would take a leading plus sign, which nobody means.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|n| digits && (least..=MOST).contains(n));
        number.ok_or_else(|| {
            Reason::new("not-an-integer-in-range").arg("min", least).arg("max", MOST)
        })
    }
}
