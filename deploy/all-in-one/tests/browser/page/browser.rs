//! A Chromium without a window.

use nix::unistd::geteuid;
use serde_json::json;
use tempfile::TempDir;
use thirtyfour::error::WebDriverResult;
use thirtyfour::{
    CapabilitiesHelper, ChromeCapabilities, ChromiumLikeCapabilities, DesiredCapabilities,
    LoggingPrefsLogLevel, WebDriver,
};

use super::chromedriver::Chromedriver;
use super::failure;

/// Nothing but the page: no window, no first steps, no conversation with anybody else.
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--lang=en",
    // It ends when chromedriver does, however that ends.
    "--remote-debugging-pipe",
];

/// A browser with an empty profile. The fields are dropped in this order: the session ends before its driver, and
/// the driver before the profile's folder goes.
pub(super) struct Browser {
    driver: Option<WebDriver>,
    chromedriver: Option<Chromedriver>,
    _profile: TempDir,
}

impl Browser {
    /// Starts it for somebody who reads this language.
    pub(super) async fn start(language: &str) -> Self {
        let chromedriver = Chromedriver::start().await;
        let profile = tempfile::tempdir().unwrap();
        let wanted = capabilities(&profile, language).unwrap();
        let driver = WebDriver::new(&chromedriver.url, wanted).await.expect("Chromium starts");
        Self { driver: Some(driver), chromedriver: Some(chromedriver), _profile: profile }
    }

    pub(super) fn driver(&self) -> &WebDriver {
        self.driver.as_ref().expect("it has not quit")
    }

    /// Closes it in order.
    pub(super) async fn quit(mut self) {
        self.driver.take().expect("it has not quit").quit().await.unwrap();
        self.chromedriver.take().expect("it has not ended").end().await;
    }
}

fn capabilities(profile: &TempDir, language: &str) -> WebDriverResult<ChromeCapabilities> {
    let mut wanted = DesiredCapabilities::chrome();
    for flag in FLAGS {
        wanted.add_arg(flag)?;
    }
    wanted.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
    wanted.add_experimental_option("prefs", json!({"intl.accept_languages": language}))?;
    if geteuid().is_root() {
        // Chromium's sandbox does not run as root.
        wanted.add_arg("--no-sandbox")?;
    }
    wanted.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    // A dialog that nobody expects stays, and fails whatever comes next.
    wanted.set("unhandledPromptBehavior", "ignore")?;
    Ok(wanted)
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let (Some(driver), true) = (&self.driver, std::thread::panicking()) {
            failure::keep(driver);
        }
    }
}
