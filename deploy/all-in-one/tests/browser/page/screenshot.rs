//! Pictures of pages, for people to look at.

use std::fs;
use std::path::{Path, PathBuf};

use super::Page;

impl Page {
    /// Takes a picture of what is to be seen: into `docs/screenshots` when `UPDATE_SCREENSHOTS` is 1, else below
    /// `target/tmp`. The focus leaves no trace of its blinking in it.
    pub(crate) async fn screenshot(&self, name: &str) {
        let file = folder().join(format!("{name}.png"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        // A caret that blinks would make each picture another one.
        let still = "const style = new CSSStyleSheet();
            style.replaceSync(`* { caret-color: transparent !important; animation: none !important;
                transition: none !important; }`);
            document.adoptedStyleSheets = [style];
            return document.fonts.ready.then(() => true);";
        self.run(still, vec![]).await;
        fs::write(file, self.driver().screenshot_as_png().await.unwrap()).unwrap();
        self.run("document.adoptedStyleSheets = []", vec![]).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "whether pictures are kept is no configuration")]
fn folder() -> PathBuf {
    if std::env::var("UPDATE_SCREENSHOTS").is_ok_and(|update| update == "1") {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/screenshots")
    } else {
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots")
    }
}
