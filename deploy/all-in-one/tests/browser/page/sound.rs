//! What must hold of every page.

use std::fmt::Write;

use serde_json::Value;

use super::Page;

/// What sticks out of the page on the right, of which the outermost are of use.
const STICKING_OUT: &str = "
    const width = arguments[0];
    return [...document.querySelectorAll('body *')]
        .filter(element => element.getBoundingClientRect().right > width + 1)
        .slice(0, 5)
        .map(element => element.outerHTML.slice(0, 160));
";

impl Page {
    /// Fails when the page cannot be used by everybody, is wider than the screen, or made the browser complain.
    pub(crate) async fn is_sound(&self) {
        self.is_accessible().await;
        self.fits().await;
        self.is_quiet().await;
    }

    /// Fails when one has to scroll sideways.
    pub(crate) async fn fits(&self) {
        // A page that is wider than a phone makes the phone zoom out.
        let script = "return Math.max(document.documentElement.scrollWidth, window.innerWidth)";
        let page = self.run(script, vec![]).await.as_u64().unwrap();
        let screen = u64::from(self.look.size.pixels().0);
        if page > screen {
            let culprits = self.run(STICKING_OUT, vec![screen.into()]).await;
            panic!("{} is {page} pixels wide on {screen}: {culprits:#}", self.path().await);
        }
    }

    /// Fails when the browser complained: of errors in scripts, of what the Content-Security-Policy forbids, of what
    /// could not be loaded.
    pub(crate) async fn is_quiet(&self) {
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "at {}: {complaints:#?}", self.path().await);
    }

    /// What the browser complained of since the last time somebody asked. Whoever expects complaints takes them.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let entries = self.driver().browser_log().await.unwrap();
        let serious = |level: &str| matches!(level, "SEVERE" | "WARNING");
        entries
            .into_iter()
            .filter(|entry| serious(&entry.level))
            .map(|entry| entry.message)
            .collect()
    }

    /// Fails when a dialog is open, or one of the scripts in [`super::hostile::TEXTS`] was run.
    pub(crate) async fn runs_no_foreign_script(&self) {
        let dialog = self.driver().get_alert_text().await;
        assert!(dialog.is_err(), "a dialog says {dialog:?}");
        let marks = self.run("return [window.__xss === undefined, document.title]", vec![]).await;
        assert_eq!(marks[0], Value::Bool(true), "a script of somebody else was run");
        assert_ne!(marks[1], "pwned", "a script of somebody else was run");
    }

    /// Fails unless somebody can read exactly this text, which its surroundings do not change and which does not
    /// change them.
    pub(crate) async fn shows_as_text(&self, text: &str) {
        let script = include_str!("shows_as_text.js");
        let found = self
            .until(&format!("{text:?} as a text"), async || {
                let found = self.run(script, vec![text.into()]).await;
                (found != Value::Null).then_some(found)
            })
            .await;
        let mut wrong = String::new();
        for (property, is) in found.as_object().unwrap() {
            if is != &Value::Bool(true) {
                write!(wrong, " {property}").unwrap();
            }
        }
        assert!(wrong.is_empty(), "{text:?} is not:{wrong}");
    }
}
