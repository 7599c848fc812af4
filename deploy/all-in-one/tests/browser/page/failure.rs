//! What was to be seen when a test failed.

use std::fs;
use std::path::Path;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use thirtyfour::WebDriver;

/// Keeps a picture and the source of the page below `target/tmp`, and says where. What cannot be had is left out:
/// the test has failed already.
#[expect(clippy::print_stderr, reason = "whoever runs the test reads it")]
pub(super) fn keep(driver: &WebDriver) {
    let session = format!("{}session/{}", driver.server_url(), driver.session_id());
    let name = thread::current().name().unwrap_or("test").replace("::", "-");
    // The test's runtime is unwinding, so this brings its own.
    let kept = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let picture = runtime.block_on(ask(&format!("{session}/screenshot")))?;
        let source = runtime.block_on(ask(&format!("{session}/source")))?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("failed");
        fs::create_dir_all(&folder).ok()?;
        fs::write(folder.join(format!("{name}.html")), source).ok()?;
        let picture_file = folder.join(format!("{name}.png"));
        fs::write(&picture_file, STANDARD.decode(picture).ok()?).ok()?;
        Some(picture_file)
    });
    if let Ok(Some(file)) = kept.join() {
        eprintln!("what the browser showed is in {}", file.display());
    }
}

async fn ask(url: &str) -> Option<String> {
    let answer: Value = reqwest::get(url).await.ok()?.json().await.ok()?;
    Some(answer["value"].as_str()?.to_owned())
}
