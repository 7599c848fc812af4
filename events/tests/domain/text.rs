//! What people write, and what becomes of it.

use events::{Description, Notes, Reason, TextError};

fn cleaned(text: &str) -> Option<String> {
    Reason::parse(text).unwrap().map(|reason| reason.as_str().to_owned())
}

#[test]
fn text_is_trimmed() {
    assert_eq!(cleaned("  spam \n\t"), Some("spam".into()));
    assert_eq!(cleaned("\u{a0}\u{3000}spam\u{2003}\u{2028}"), Some("spam".into()));
    assert_eq!(cleaned("two  words,\n\ttwo lines"), Some("two  words,\n\ttwo lines".into()));
}

#[test]
fn nothing_but_white_space_is_no_text() {
    for blank in ["", " ", "\n\t ", "\u{a0}\u{2029}"] {
        assert_eq!(cleaned(blank), None, "{blank:?}");
    }
}

#[test]
fn text_is_composed() {
    assert_eq!(cleaned("e\u{301}"), Some("é".into()));
    assert_eq!(cleaned("a\u{323}\u{302}"), Some("\u{1ead}".into()), "marks are put in order");
    assert_eq!(cleaned("\u{1112}\u{1161}\u{11ab}"), Some("한".into()));
    assert_eq!(cleaned("\u{212b}"), Some("\u{c5}".into()));
    assert_eq!(cleaned("ﬁ ²"), Some("ﬁ ²".into()), "compatibility forms stay");
}

#[test]
fn every_script_and_emoji_is_welcome() {
    let texts = [
        "👩‍👩‍👧‍👦 🏳️‍🌈 🇹🇷",
        "שלום عليكم",
        "a \u{202e}b\u{202c} c",
        "İstanbul ığdır",
        "\u{fffd}\u{10ffff}\u{feff}x",
    ];
    for text in texts {
        assert_eq!(cleaned(text).as_deref(), Some(text));
    }
}

#[test]
fn control_characters_are_not() {
    let controls = ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}');
    for found in controls.filter(|c| !['\n', '\t'].contains(c)) {
        for text in [format!("a{found}b"), format!("{found}a"), format!("a{found}"), found.into()] {
            assert_eq!(
                Reason::parse(&text),
                Err(TextError::ControlCharacter { found }),
                "{text:?}"
            );
        }
    }
}

#[test]
fn length_is_counted_in_code_points_of_what_is_stored() {
    let too_long = |max| Err(TextError::TooLong { max });
    assert_eq!(cleaned(&"x".repeat(500)), Some("x".repeat(500)));
    assert_eq!(Reason::parse(&"x".repeat(501)), too_long(500));
    assert_eq!(cleaned(&"😀".repeat(500)), Some("😀".repeat(500)));
    assert_eq!(Reason::parse(&"😀".repeat(501)), too_long(500));
    assert_eq!(cleaned(&format!("  {}\n", "x".repeat(500))), Some("x".repeat(500)));
    // A letter and its mark become one; a letter that only exists apart becomes two.
    assert_eq!(cleaned(&"e\u{301}".repeat(500)), Some("é".repeat(500)));
    assert_eq!(cleaned(&"\u{958}".repeat(250)), Some("\u{915}\u{93c}".repeat(250)));
    assert_eq!(Reason::parse(&"\u{958}".repeat(251)), too_long(500));
    assert_eq!(Reason::parse(&"\u{301}".repeat(60_000)), too_long(500));
}

#[test]
fn each_field_has_its_limit() {
    assert!(Description::parse(&"x".repeat(2_000)).is_ok());
    assert_eq!(Description::parse(&"x".repeat(2_001)), Err(TextError::TooLong { max: 2_000 }));
    assert!(Notes::parse(&"x".repeat(2_000)).is_ok());
    assert_eq!(Notes::parse(&"x".repeat(2_001)), Err(TextError::TooLong { max: 2_000 }));
    assert_eq!(
        TextError::ControlCharacter { found: '\u{7}' }.to_string(),
        "must not hold the control character U+0007"
    );
}
