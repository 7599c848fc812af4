//! What pages say, in English and Turkish.
//!
//! Each page has a file of its own in `locales/*/`, and each key begins with the name of its page. A text
//! is escaped by the template like everything else.

use std::borrow::Cow;
use std::collections::HashMap;

use events::ban::ActionType;
use events::report::{ReportStatus, ReportType};
use events::{StreamStatus, Timestamp};
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{Loader, static_loader};
use web::Language;

static_loader! {
    static TEXTS = {
        locales: "./locales",
        fallback_language: "en",
        // Names that are not ours stand in <bdi> instead.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The texts of a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Texts(pub(super) Language);

impl Texts {
    /// The language's name, as in `<html lang>`.
    pub(super) fn language(self) -> &'static str {
        self.0.as_str()
    }

    /// The text of this key; the key itself when there is none.
    pub(super) fn get(self, key: &str) -> String {
        TEXTS.try_lookup(self.0.id(), key).unwrap_or_else(|| key.to_owned())
    }

    /// The text of this key about `$count` things.
    pub(super) fn count(self, key: &str, count: impl TryInto<i64>) -> String {
        self.fill(key, &[("count", count.try_into().unwrap_or(i64::MAX).into())])
    }

    /// The text of this key with `$name` in it.
    pub(super) fn name(self, key: &str, name: &str) -> String {
        self.fill(key, &[("name", name.into())])
    }

    /// The text of this key, its arguments filled in.
    pub(super) fn fill(self, key: &str, args: &[(&'static str, FluentValue<'_>)]) -> String {
        let args: HashMap<_, _> =
            args.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
        TEXTS.try_lookup_with_args(self.0.id(), key, &args).unwrap_or_else(|| key.to_owned())
    }

    /// What a report is about.
    pub(super) fn report_type(self, report_type: ReportType) -> String {
        self.get(&format!("report-type-{}", report_type.as_str()))
    }

    /// How far a report has come.
    pub(super) fn report_status(self, status: ReportStatus) -> String {
        self.get(&format!("report-status-{}", status.as_str()))
    }

    /// What a ban keeps its user from.
    pub(super) fn action_type(self, action_type: ActionType) -> String {
        self.get(&format!("action-type-{}", action_type.as_str()))
    }

    /// What a live stream is doing.
    pub(super) fn stream_status(self, status: StreamStatus) -> String {
        self.get(&format!("stream-status-{}", status.as_str()))
    }

    /// How long before `now` something was: `5 min`.
    pub(super) fn age(self, at: Timestamp, now: Timestamp) -> String {
        let past = now.to_utc() - at.to_utc();
        self.span(past.num_seconds())
    }

    /// A length of time in its largest whole unit; none is shorter than 0.
    pub(super) fn span(self, seconds: i64) -> String {
        const UNITS: [(&str, i64); 3] = [("days", 86_400), ("hours", 3_600), ("minutes", 60)];
        let whole = UNITS.into_iter().find(|(_, unit)| seconds >= *unit);
        let (name, unit) = whole.unwrap_or(("seconds", 1));
        self.count(&format!("span-{name}"), seconds.max(0) / unit)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    fn files(folder: &str) -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut texts = Vec::new();
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                texts.extend(files(path.to_str().unwrap()));
            } else {
                texts.push(fs::read_to_string(path).unwrap());
            }
        }
        texts
    }

    /// The keys of a language, each of which may be there once.
    fn keys(language: &str) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for file in files(&format!("locales/{language}")) {
            let starts = file.lines().filter_map(|line| line.split_once(" = "));
            for (key, _) in starts.filter(|(key, _)| key.starts_with(|c: char| c.is_alphabetic())) {
                assert!(keys.insert(key.to_owned()), "{key} twice in {language}");
            }
        }
        keys
    }

    /// The keys that pages name outright; those that are put together end with a dash.
    fn named() -> BTreeSet<String> {
        let mut named = BTreeSet::new();
        let calls = [" t.", "(t.", "texts."]
            .map(|of| ["get(", "count(", "name(", "fill("].map(|call| format!("{of}{call}")));
        for file in files("templates").into_iter().chain(files("src/dashboard")) {
            for call in calls.as_flattened() {
                let (whole, begun) = (format!("{call}\""), format!("{call}&format!(\""));
                let whole = file.split(&whole).skip(1).filter_map(|rest| rest.split_once('"'));
                let begun = file.split(&begun).skip(1).filter_map(|rest| rest.split_once('{'));
                named.extend(whole.chain(begun).map(|(key, _)| key.to_owned()));
            }
        }
        named
    }

    #[test]
    fn both_languages_have_the_same_texts() {
        assert_eq!(keys("en"), keys("tr"));
    }

    #[test]
    fn every_text_that_a_page_names_is_there() {
        let keys = keys("en");
        assert!(named().contains("nav-"), "the search finds nothing");
        // A text whose name is put together from its start is told by its end alone.
        for key in named().into_iter().filter(|key| !key.is_empty()) {
            let known = if key.ends_with('-') {
                keys.iter().any(|known| known.starts_with(&key))
            } else {
                keys.contains(&key)
            };
            assert!(known, "no text {key}");
        }
    }
}
