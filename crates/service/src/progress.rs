//! How far a long work has come: a bar on a terminal, a log line now and then otherwise.

mod pace;

use std::io::{self, IsTerminal, Write};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

pub use pace::Step;

use pace::Pace;

/// How long it is silent between two log lines.
const SILENCE: Duration = Duration::from_secs(5);

/// All bars of this process: whatever else is written to their terminal must know of them.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// A long work, of which somebody wants to know how far it has come.
#[derive(Debug)]
pub struct Progress {
    /// What is being done, to whom: `verify bans`.
    what: String,
    began: Instant,
    last: Mutex<Step>,
    shown: Shown,
}

#[derive(Debug)]
enum Shown {
    Nowhere,
    Bar(ProgressBar),
    /// When the last line was.
    Lines(Mutex<Instant>),
}

impl Progress {
    /// A work that begins now, shown as a bar where the standard error is a terminal, and otherwise as a
    /// log line every few seconds.
    pub fn begin(what: impl Into<String>) -> Self {
        if io::stderr().is_terminal() {
            let bar = BARS.add(ProgressBar::new(pace::WHOLE));
            Self::shown(what, Shown::Bar(bar.with_style(style())))
        } else {
            Self::lines(what)
        }
    }

    /// A work that begins now, shown as a log line every few seconds.
    pub fn lines(what: impl Into<String>) -> Self {
        Self::shown(what, Shown::Lines(Mutex::new(Instant::now())))
    }

    /// A work that nobody looks at.
    pub fn unseen() -> Self {
        Self::shown("", Shown::Nowhere)
    }

    fn shown(what: impl Into<String>, shown: Shown) -> Self {
        let what = what.into();
        if let Shown::Bar(bar) = &shown {
            bar.set_prefix(what.clone());
        }
        Self { what, began: Instant::now(), last: Mutex::default(), shown }
    }

    /// Tells how far it has come. Costs nothing much, however often.
    pub fn tell(&self, step: Step) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = step;
        match &self.shown {
            Shown::Nowhere => {}
            Shown::Bar(bar) => {
                bar.set_message(self.pace(step).to_string());
                match step.thousandths() {
                    Some(part) => bar.set_position(part),
                    None => bar.tick(),
                }
            }
            Shown::Lines(last) => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() >= SILENCE {
                    *last = Instant::now();
                    self.pace(step).log(&self.what);
                }
            }
        }
    }

    /// How many events there were so far.
    pub fn events(&self) -> u64 {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).events
    }

    fn pace(&self, step: Step) -> Pace {
        Pace::of(step, self.began.elapsed())
    }
}

/// The bar vanishes, and a log line says how it went.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
            BARS.remove(bar);
        }
        if !matches!(self.shown, Shown::Nowhere) {
            let step = *self.last.get_mut().unwrap_or_else(PoisonError::into_inner);
            self.pace(step).log_end(&self.what);
        }
    }
}

fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{prefix} [{bar:24}] {msg}");
    // The template is constant, and the tests draw it.
    style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

/// The standard error, for what must not be torn by a bar, nor tear it: whole lines at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct BesideBars;

impl Write for BesideBars {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        BARS.suspend(|| io::stderr().write(bytes))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        BARS.suspend(|| io::stderr().write_all(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
