//! Ids name their event stream. The golden ones were computed with Python's `hashlib`.

use events::ids::MAX_PLATFORM_ID;
use events::{BanId, ChannelId, IdError, LiveChatId, LiveStreamId, ReportId, UserId};

/// Live stream, user, and the twenty digits that name their bans and their reports.
fn golden() -> [(String, String, &'static str, &'static str); 5] {
    let row = |stream: &str, user: &str, ban, report| (stream.into(), user.into(), ban, report);
    [
        row(
            "673ac9e2c93fe18d3fdd23f1",
            "65f1a2b3c4d5e6f708192a3b",
            "126fa604dc87559fb727",
            "19203756c3439fb78be8",
        ),
        row(
            "Cg0KC2RRdzR3OVdnWGNR",
            "UCX6OQ3DkcsbYNE6H8uQQuVA",
            "7b9e37c78fdd426105d4",
            "a4433d8dcc820d8058c8",
        ),
        row("a", "b", "52b24b9cee623018fc00", "1cdb5d820f6611b67a56"),
        row(&"s".repeat(128), &"u".repeat(128), "63fc90207dfc860aeb6d", "7ae706c2597f637a7ecf"),
        row("_.=-", "-=._", "15e525b4532a298e8412", "54f326a930483a373730"),
    ]
}

#[test]
fn an_id_is_its_stream_and_a_number() {
    for (stream, user, ban, report) in golden() {
        let (stream, user): (LiveStreamId, UserId) =
            (stream.parse().unwrap(), user.parse().unwrap());
        let first = BanId::first(&stream, &user);
        assert_eq!(first.to_string(), format!("{ban}0001"));
        assert_eq!(first.stream(), format!("ban-{ban}"));
        let first = ReportId::first(&stream, &user);
        assert_eq!(first.to_string(), format!("{report}0001"));
        assert_eq!(first.stream(), format!("report-{report}"));
    }
}

#[test]
fn ids_count_on_until_two_bytes_are_full() {
    let first: BanId = "126fa604dc87559fb7270001".parse().unwrap();
    assert_eq!(first.next(), Some("126fa604dc87559fb7270002".parse().unwrap()));
    let later: BanId = "126fa604dc87559fb72700ff".parse().unwrap();
    assert_eq!(later.next(), Some("126fa604dc87559fb7270100".parse().unwrap()));
    let last: BanId = "126fa604dc87559fb727ffff".parse().unwrap();
    assert_eq!((last.ordinal(), last.next()), (65_535, None));
}

#[test]
fn twenty_four_lower_case_hex_digits_are_an_id() {
    let text = "0123456789abcdef01234567";
    assert_eq!(text.parse::<BanId>().unwrap().to_string(), text);
    assert_eq!(text.parse::<ReportId>().unwrap().to_string(), text);
    let bad = [
        "",
        "0123456789abcdef0123456",
        "0123456789abcdef012345678",
        "0123456789abcdef01234567\0",
        "0123456789ABCDEF01234567",
        "0123456789abcdeg01234567",
        " 0123456789abcdef0123456",
        "0123456789abcdef0123456\u{301}",
        "٠123456789abcdef0123456",
        "0x23456789abcdef01234567",
    ];
    for text in bad {
        assert_eq!(text.parse::<BanId>(), Err(IdError::NotAnObjectId), "{text:?}");
        assert_eq!(text.parse::<ReportId>(), Err(IdError::NotAnObjectId), "{text:?}");
    }
}

#[test]
fn platform_ids_are_opaque_but_plain() {
    let longest = "x".repeat(MAX_PLATFORM_ID);
    for text in ["a", "673ac9e2c93fe18d3fdd23f1", "UCX6OQ3DkcsbYNE6H8uQQuVA", "_.=-", &longest] {
        assert_eq!(text.parse::<UserId>().unwrap().as_str(), text);
    }
    let too_long = "x".repeat(MAX_PLATFORM_ID + 1);
    let bad = ["", " ", "a b", "a\0", "a/b", "a%20", "ä", "😀", "a\n", "a+b", "שלום", &too_long];
    for text in bad {
        assert_eq!(text.parse::<UserId>(), Err(IdError::NotAPlatformId), "{text:?}");
        assert_eq!(text.parse::<LiveStreamId>(), Err(IdError::NotAPlatformId), "{text:?}");
        assert_eq!(text.parse::<ChannelId>(), Err(IdError::NotAPlatformId), "{text:?}");
        assert_eq!(text.parse::<LiveChatId>(), Err(IdError::NotAPlatformId), "{text:?}");
    }
}

#[test]
fn json_is_held_to_the_same() {
    assert!(serde_json::from_str::<UserId>(r#""a\u0000""#).is_err());
    assert!(serde_json::from_str::<BanId>(r#""126fa604""#).is_err());
    assert!(serde_json::from_str::<BanId>("7").is_err());
    let id: BanId = serde_json::from_str(r#""126fa604dc87559fb7270001""#).unwrap();
    assert_eq!(serde_json::to_string(&id).unwrap(), r#""126fa604dc87559fb7270001""#);
}

#[test]
fn absent_channel_and_chat_equal_the_id() {
    let user: UserId = "user".parse().unwrap();
    let stream: LiveStreamId = "stream".parse().unwrap();
    assert_eq!(ChannelId::from(user).as_str(), "user");
    assert_eq!(LiveChatId::from(stream).as_str(), "stream");
}
