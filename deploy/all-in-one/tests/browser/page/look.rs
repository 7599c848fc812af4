//! The sizes and themes in which every page must be usable.

use thirtyfour::WebDriver;
use thirtyfour::cdp::domains::emulation::{MediaFeature, SetEmulatedMedia};
use thirtyfour::error::WebDriverResult;

/// How large a browser is, and what its owner prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// How large.
    pub(crate) size: Size,
    /// Which colours.
    pub(crate) theme: Theme,
    /// Which language, as in `Accept-Language`.
    pub(crate) language: &'static str,
}

/// The part of a browser that shows the page, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// 1440 × 900: a desk.
    Wide,
    /// 360 × 740: a phone.
    Narrow,
}

/// What `prefers-color-scheme` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Look {
    /// A desk by day.
    pub(crate) const DESK: Self = Self::of(Size::Wide, Theme::Light);
    /// A phone by night.
    pub(crate) const PHONE: Self = Self::of(Size::Narrow, Theme::Dark);
    /// Every size in every theme.
    pub(crate) const ALL: [Self; 4] = [
        Self::DESK,
        Self::of(Size::Wide, Theme::Dark),
        Self::of(Size::Narrow, Theme::Light),
        Self::PHONE,
    ];

    const fn of(size: Size, theme: Theme) -> Self {
        Self { size, theme, language: "en" }
    }

    /// The same of somebody who would rather read Turkish.
    pub(crate) const fn in_turkish(self) -> Self {
        Self { language: "tr", ..self }
    }

    /// Its name in the names of files: `1440-light-en`.
    pub(crate) fn name(self) -> String {
        format!("{}-{}-{}", self.size.pixels().0, self.theme.name(), self.language)
    }

    pub(super) async fn apply(self, driver: &WebDriver) -> WebDriverResult<()> {
        let (cdp, (width, height)) = (driver.cdp(), self.size.pixels());
        let is_phone = self.size == Size::Narrow;
        // The window has a least width; what the page is told of has none.
        cdp.emulation().set_device_metrics_override(width, height, 1.0, is_phone).await?;
        let (name, value) = ("prefers-color-scheme".to_owned(), self.theme.name().to_owned());
        let features = Some(vec![MediaFeature { name, value }]);
        cdp.send(SetEmulatedMedia { media: None, features }).await?;
        Ok(())
    }
}

impl Size {
    /// Width and height.
    pub(crate) fn pixels(self) -> (u32, u32) {
        match self {
            Self::Wide => (1440, 900),
            Self::Narrow => (360, 740),
        }
    }
}

impl Theme {
    fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}
