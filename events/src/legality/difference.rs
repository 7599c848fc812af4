//! What is other about events than what the rules make.

use serde_json::Value;

use super::Illegal;
use crate::Event;

/// Whether `found` is what was decided.
pub(super) fn compare(found: &[Event], decided: &[Event]) -> Result<(), Illegal> {
    if found == decided {
        return Ok(());
    }
    if decided.is_empty() {
        return Err(Illegal::Nothing);
    }
    let members = found.iter().zip(decided).flat_map(|(found, decided)| members(found, decided));
    let members: Vec<String> = members.collect();
    let counted = || format!("{} events where the log has {}", decided.len(), found.len());
    Err(Illegal::Otherwise(if members.is_empty() { counted() } else { members.join(", ") }))
}

fn members(found: &Event, decided: &Event) -> Vec<String> {
    let (Ok(found), Ok(decided)) = (found.encode(), decided.encode()) else { return vec![] };
    if found.event_type != decided.event_type {
        return vec![format!("{} instead of {}", decided.event_type, found.event_type)];
    }
    let parse = |data: &str| serde_json::from_str::<Value>(data).unwrap_or_default();
    let (found, decided) = (parse(found.data.get()), parse(decided.data.get()));
    let both = [&found, &decided].into_iter().filter_map(Value::as_object);
    let names: std::collections::BTreeSet<_> = both.flat_map(|object| object.keys()).collect();
    names
        .into_iter()
        .filter(|name| found.get(name) != decided.get(name))
        .map(|name| match decided.get(name) {
            Some(value) => format!("{name} {value}"),
            None => format!("no {name}"),
        })
        .collect()
}
