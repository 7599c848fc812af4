//! Partial answers: the parameter `fields`, for instance `id,snippet(type,bannedUserDetails/channelId)`.

use std::collections::BTreeMap;

use serde_json::Value;

/// What is wanted of a value: these fields of it, or all when there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Selection(BTreeMap<String, Selection>);

/// Deeper than any answer of ours; keeps a hostile selection from exhausting the stack.
const MAX_DEPTH: usize = 16;

impl Selection {
    /// Reads `list = item *("," item)`, `item = name ["/" item / "(" list ")"]`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut selection = Self::default();
        let rest = selection.take_list(&text, MAX_DEPTH)?;
        rest.is_empty().then_some(selection)
    }

    fn take_list<'a>(&mut self, mut rest: &'a str, depth: usize) -> Option<&'a str> {
        loop {
            rest = self.take_item(rest, depth)?;
            match rest.strip_prefix(',') {
                Some(next) => rest = next,
                None => return Some(rest),
            }
        }
    }

    fn take_item<'a>(&mut self, text: &'a str, depth: usize) -> Option<&'a str> {
        let depth = depth.checked_sub(1)?;
        let end = text.find([',', '/', '(', ')']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if name.is_empty() {
            return None;
        }
        let whole = self.0.get(name).is_some_and(|inner| inner.0.is_empty());
        let inner = self.0.entry(name.to_owned()).or_default();
        let rest = match rest.as_bytes().first() {
            Some(b'/') => inner.take_item(&rest[1..], depth)?,
            Some(b'(') => inner.take_list(&rest[1..], depth)?.strip_prefix(')')?,
            _ => {
                inner.0.clear();
                rest
            }
        };
        if whole {
            inner.0.clear();
        }
        Some(rest)
    }

    /// Takes away what is not wanted.
    pub(super) fn apply(&self, value: &mut Value) {
        if self.0.is_empty() {
            return;
        }
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| self.of(name).is_some());
                for (name, inner) in fields.iter_mut() {
                    if let Some(selection) = self.of(name) {
                        selection.apply(inner);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.apply(item)),
            _ => {}
        }
    }

    fn of(&self, name: &str) -> Option<&Self> {
        self.0.get(name).or_else(|| self.0.get("*"))
    }
}
