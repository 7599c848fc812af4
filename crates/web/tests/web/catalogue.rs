//! Every text in every language, and every key that the code names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use web::{Kind, Language, Reason};

/// Each key with the names of its placeables.
fn catalogue(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let path = format!("{}/locales/{}/main.ftl", env!("CARGO_MANIFEST_DIR"), language.as_str());
    let text = fs::read_to_string(path).unwrap();
    let messages = text.lines().filter(|line| !line.starts_with('#') && line.contains(" = "));
    let mut catalogue = BTreeMap::new();
    for (key, text) in messages.map(|line| line.split_once(" = ").unwrap()) {
        let placeables = text.split("{ $").skip(1).map(|rest| rest.split(' ').next().unwrap());
        let placeables = placeables.map(ToOwned::to_owned).collect();
        let earlier = catalogue.insert(key.to_owned(), placeables);
        assert!(earlier.is_none(), "{key} occurs twice in {}", language.as_str());
    }
    catalogue
}

#[test]
fn both_languages_have_the_same_keys_and_placeables() {
    assert_eq!(catalogue(Language::English), catalogue(Language::Turkish));
}

#[test]
fn every_key_resolves_in_both_languages() {
    for (key, placeables) in catalogue(Language::English) {
        let reason =
            placeables.into_iter().fold(Reason::new(key.clone().leak()), |reason, name| {
                reason.arg(name.leak(), "<filled in>")
            });
        let [english, turkish] = Language::ALL.map(|language| language.reason(&reason));
        assert_ne!(english, key);
        assert_ne!(turkish, english, "{key} is not translated");
        assert_eq!(english.matches("<filled in>").count(), reason.args.len(), "{key}");
    }
}

#[test]
fn every_key_in_the_code_is_in_the_catalogue() {
    let catalogue = catalogue(Language::English);
    let mut used: BTreeSet<String> = Kind::ALL.map(|kind| kind.text().to_owned()).into();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for sources in ["crates/web/src", "command-api/src", "query-api/src"] {
        for file in rust_files(&root.join(sources)) {
            let code = fs::read_to_string(file).unwrap();
            let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let quoted = code.flat_map(|line| line.split("Reason::new(\"").skip(1));
            used.extend(quoted.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
    let missing: Vec<_> = used.iter().filter(|key| !catalogue.contains_key(*key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
    assert!(used.len() > Kind::ALL.len());
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
