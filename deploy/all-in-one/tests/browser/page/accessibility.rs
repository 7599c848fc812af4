//! Whether everybody can use a page, as far as a program can tell.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::Page;
use serde_json::Value;

/// The checker, of npm's package axe-core.
const CHECKER: &str = "tests/clients/node_modules/axe-core/axe.min.js";

/// Checks against WCAG 2.2, levels A and AA.
const CHECK: &str = "
    const done = arguments[0];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})
        .then(results => done(results.violations), error => done(String(error)));
";

impl Page {
    /// Fails when the page is in the way of somebody, seriously or worse, by the rules of WCAG 2.2 AA.
    pub(crate) async fn is_accessible(&self) {
        if self.run("return typeof axe", vec![]).await == "undefined" {
            let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join(CHECKER);
            let checker = fs::read_to_string(checker).expect("axe-core is there: run deploy/test");
            self.driver().execute(checker, vec![]).await.unwrap();
        }
        let found = self.driver().execute_async(CHECK, vec![]).await.unwrap();
        let found = found.json().as_array().unwrap_or_else(|| panic!("axe: {:?}", found.json()));
        let serious = found.iter().filter(|violation| is_serious(violation));
        let text: String = serious.map(describe).collect();
        assert!(text.is_empty(), "{} at {}:\n{text}", self.path().await, self.look().name());
    }
}

fn is_serious(violation: &Value) -> bool {
    violation["impact"] == "serious" || violation["impact"] == "critical"
}

/// What is wrong, and where.
fn describe(violation: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut text = format!("{} ({})\n", word(&violation["help"]), word(&violation["id"]));
    for node in violation["nodes"].as_array().into_iter().flatten().take(5) {
        let summary = word(&node["failureSummary"]).replace('\n', "\n      ");
        writeln!(text, "  {}\n      {summary}", word(&node["html"])).unwrap();
    }
    text
}
