//! youtube
