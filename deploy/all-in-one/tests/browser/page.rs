//! What somebody sees and does in a browser of their own.
//!
//! How a page is judged is in [`sound`], what hostile people write in [`hostile`].

mod accessibility;
mod browser;
mod chromedriver;
mod failure;
pub(crate) mod hostile;
mod look;
mod screenshot;
mod sound;

use std::time::Duration;

use serde_json::Value;
use thirtyfour::TypingData;
use thirtyfour::prelude::*;

use browser::Browser;
pub(crate) use look::Look;

/// How long to wait for what should be there at once, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often to look.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A browser with one page, and whose pages it shows.
pub(crate) struct Page {
    browser: Browser,
    base_url: String,
    look: Look,
}

impl Page {
    /// Opens an empty browser for the pages below `base_url`.
    pub(crate) async fn open(base_url: &str, look: Look) -> Self {
        let browser = Browser::start(look.language).await;
        look.apply(browser.driver()).await.unwrap();
        Self { browser, base_url: base_url.to_owned(), look }
    }

    /// `WebDriver` itself, for what has no words here.
    pub(crate) fn driver(&self) -> &WebDriver {
        self.browser.driver()
    }

    /// How it looks.
    pub(crate) fn look(&self) -> Look {
        self.look
    }

    /// Goes to a path of Docket.
    pub(crate) async fn at(&self, path: &str) {
        self.driver().goto(format!("{}{path}", self.base_url)).await.unwrap();
    }

    /// The path that is shown, with its query.
    pub(crate) async fn path(&self) -> String {
        let url = self.driver().current_url().await.unwrap();
        url.as_str().strip_prefix(&self.base_url).unwrap_or(url.as_str()).to_owned()
    }

    /// Waits until this path is shown.
    pub(crate) async fn arrives_at(&self, path: &str) {
        self.until(&format!("{path} to be shown"), async || {
            (self.path().await == path).then_some(())
        })
        .await;
    }

    /// Waits until the first element that this CSS selector finds is shown.
    pub(crate) async fn see(&self, css: &str) -> WebElement {
        // What is found may have been replaced before it is looked at; then it is looked for again.
        self.until(&format!("{css} to be shown"), async || {
            let found = self.driver().query(By::Css(css)).and_displayed().nowait();
            found.first().await.ok()
        })
        .await
    }

    /// Waits until the page's visible text holds this.
    pub(crate) async fn see_text(&self, text: &str) {
        self.until(&format!("the text {text:?}"), async || {
            self.text().await.contains(text).then_some(())
        })
        .await;
    }

    /// Waits until the page's visible text holds this no longer.
    pub(crate) async fn misses_text(&self, text: &str) {
        self.until(&format!("the text {text:?} to go"), async || {
            (!self.text().await.contains(text)).then_some(())
        })
        .await;
    }

    /// Waits until this CSS selector finds nothing that is shown.
    pub(crate) async fn misses(&self, css: &str) {
        self.until(&format!("{css} to go"), async || {
            let found = self.driver().query(By::Css(css)).and_displayed().nowait();
            found.not_exists().await.unwrap().then_some(())
        })
        .await;
    }

    /// All that this CSS selector finds now, shown or not.
    pub(crate) async fn all(&self, css: &str) -> Vec<WebElement> {
        self.driver().find_all(By::Css(css)).await.unwrap()
    }

    /// Clicks what this CSS selector finds, once it can be clicked.
    pub(crate) async fn click(&self, css: &str) {
        let element = self.see(css).await;
        element.click_when_ready().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Puts `text` into a field, in place of what is there.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let field = self.see(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses what has this value in a list.
    pub(crate) async fn choose(&self, css: &str, value: &str) {
        self.see(css).await;
        self.see(&format!("{css} option[value=\"{value}\"]")).await.click().await.unwrap();
    }

    /// Signs in to the dashboard by pasting a token, and waits until that has led somewhere.
    pub(crate) async fn sign_in(&self, token: &str) {
        self.at("/dashboard/sign-in").await;
        self.fill("#token", token).await;
        self.click("#sign-in button").await;
        self.until("the sign-in to lead somewhere", async || {
            (!self.path().await.starts_with("/dashboard/sign-in")).then_some(())
        })
        .await;
    }

    /// Signs out, as whoever has signed in does.
    pub(crate) async fn sign_out(&self) {
        self.click(".account summary").await;
        self.click("form[action='/dashboard/sign-out'] button").await;
        self.arrives_at("/dashboard/sign-in").await;
    }

    /// Presses keys, wherever the focus is.
    pub(crate) async fn press(&self, keys: impl Into<TypingData>) {
        self.driver().active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// What people can read now.
    pub(crate) async fn text(&self) -> String {
        let text = self.run("return document.body.innerText", vec![]).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// What a script answers.
    pub(crate) async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        let answer = self.driver().execute(script, arguments).await;
        answer.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// Waits until `look` finds something; fails with what is shown instead.
    pub(crate) async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(found) = look().await {
                    return found;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        });
        if let Ok(found) = found.await {
            return found;
        }
        let (path, text) = (self.path().await, self.text().await);
        panic!("waited {PATIENCE:?} in vain for {what}; at {path} there is:\n{text}")
    }

    /// Closes it. Fails if the browser complained of anything that [`Self::complaints`] has not answered yet.
    pub(crate) async fn close(self) {
        self.is_quiet().await;
        self.browser.quit().await;
    }
}
