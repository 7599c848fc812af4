//! Fields: what is taken, what is refused, and that every mistake is told.

use events::{BanId, Platform, Reason, Timestamp, UserId};
use serde_json::{Value, json};
use web::{Fields, Input, Language, Problem};

fn body(value: &Value) -> Fields {
    Fields::from_json(value.to_string().as_bytes()).unwrap()
}

fn texts(problem: &Problem) -> Vec<String> {
    problem.reasons.iter().map(|reason| Language::English.reason(reason)).collect()
}

#[test]
fn every_mistake_is_told_once() {
    let mut fields = body(&json!({
        "id": "no id", "ban": "673AC9E2C93FE18D3FDD23F1", "count": "3", "flag": "true", "when": "today",
        "platform": "fridge", "reason": "a\u{7}b", "note": "   ", "object": [], "list": {},
        "items": ["ok", 3], "null": null, "unknown": 17,
    }));
    fields.required("missing", Input::string);
    fields.required("null", Input::string);
    fields.required("id", Input::parse::<UserId>);
    fields.required("ban", Input::parse::<BanId>);
    fields.optional("count", |input| input.integer(1..=5));
    fields.optional("flag", Input::boolean);
    fields.optional("when", Input::parse::<Timestamp>);
    fields.optional("platform", |input| input.one_of(&Platform::ALL, Platform::as_str));
    fields.optional("reason", |input| input.text(Reason::parse));
    fields.optional("note", |input| input.some_text(Reason::parse));
    fields.optional("object", Input::object);
    fields.optional("list", |input| input.list(1, Input::string));
    fields.optional("items", |input| input.list(2, Input::string));
    insta::assert_json_snapshot!(texts(&fields.finish().unwrap_err()), @r#"
    [
      "missing: is required",
      "null: is required",
      "id: must be 1 to 128 characters of A-Z a-z 0-9 _ . = -",
      "ban: must be 24 lower-case hexadecimal digits",
      "count: must be a whole number from 1 to 5",
      "flag: must be true or false",
      "when: must be an RFC 3339 time such as 2026-01-15T10:30:00.000Z",
      "platform: must be one of: web, mobile_ios, mobile_android, admin, api, unknown, all",
      "reason: must not contain the control character U+0007",
      "note: must not be blank",
      "object: must be an object",
      "list: must be a list",
      "items[1]: must be a string"
    ]
    "#);
}

#[test]
fn good_values_are_taken() {
    let mut fields = body(&json!({
        "id": "673ac9e2c93fe18d3fdd23f1", "count": 3, "whole": 3.0, "digits": "300", "flag": false,
        "when": "2026-01-15T10:30:00+03:00", "platform": "web", "reason": " e\u{301} 😀 \u{202e}x ",
        "blank": " \n ", "list": ["a", "b"], "nothing": null,
    }));
    let id = fields.required("id", Input::parse::<UserId>);
    assert_eq!(id.unwrap().as_str(), "673ac9e2c93fe18d3fdd23f1");
    assert_eq!(fields.optional("count", |input| input.integer(3..=3)), Some(3));
    assert_eq!(fields.optional("whole", |input| input.integer(1..=5)), Some(3));
    assert_eq!(fields.optional("digits", |input| input.integer_or_digits(1..=300)), Some(300));
    assert_eq!(fields.optional("flag", Input::boolean), Some(false));
    let when = fields.optional("when", Input::parse::<Timestamp>).unwrap();
    assert_eq!(when.to_string(), "2026-01-15T07:30:00.000Z");
    let platform =
        fields.optional("platform", |input| input.one_of(&Platform::ALL, Platform::as_str));
    assert_eq!(platform, Some(Platform::Web));
    let reason = fields.optional("reason", |input| input.text(Reason::parse)).flatten();
    assert_eq!(reason.unwrap().as_str(), "\u{e9} 😀 \u{202e}x");
    assert_eq!(fields.optional("blank", |input| input.text(Reason::parse)), Some(None));
    let list = fields.optional("list", |input| input.list(2, Input::string));
    assert_eq!(list.unwrap(), ["a", "b"]);
    assert!(fields.is_absent("nothing") && fields.is_absent("never"));
    fields.finish().unwrap();
}

#[test]
fn numbers_are_whole_and_within_their_range() {
    let refused = [
        json!(0),
        json!(6),
        json!(-1),
        json!(2.5),
        json!(1e300),
        json!(4_294_967_297_u64),
        json!("3"),
        json!(true),
        json!([3]),
        json!({}),
    ];
    for value in refused {
        let mut fields = body(&json!({"count": value}));
        assert_eq!(fields.optional("count", |input| input.integer(1..=5)), None);
        let expected = "count: must be a whole number from 1 to 5";
        assert_eq!(texts(&fields.finish().unwrap_err()), [expected], "{value}");
    }
    for digits in ["", "+3", "-3", " 3", "3.0", "0x3", "٣", "6"] {
        let mut fields = body(&json!({"count": digits}));
        assert_eq!(
            fields.optional("count", |input| input.integer_or_digits(1..=5)),
            None,
            "{digits}"
        );
    }
}

#[test]
fn five_hundred_code_points_and_no_more() {
    let parse = |text: String| {
        let mut fields = body(&json!({"reason": text}));
        fields.optional("reason", |input| input.text(Reason::parse));
        fields.finish()
    };
    parse("😀".repeat(500)).unwrap();
    let refused = parse("😀".repeat(501)).unwrap_err();
    assert_eq!(texts(&refused), ["reason: must not be longer than 500 characters"]);
}

#[test]
fn inner_objects_tell_where_they_are() {
    let mut fields = body(&json!({
        "snippet": {"type": 1, "details": {}}, "empty": null, "users": [{"id": "u1"}, {"id": ""}],
    }));
    let mut snippet = fields.nested("snippet");
    snippet.required("type", Input::string);
    let mut details = snippet.nested("details");
    details.required("channelId", Input::string);
    snippet.absorb(details);
    fields.absorb(snippet);
    let mut empty = fields.nested("empty");
    empty.required("inside", Input::string);
    fields.absorb(empty);
    for mut user in fields.each("users", 2) {
        user.required("id", Input::parse::<UserId>);
        fields.absorb(user);
    }
    assert!(fields.each("none", 2).is_empty());
    let problem = fields.finish().unwrap_err();
    insta::assert_json_snapshot!(texts(&problem), @r#"
    [
      "snippet.type: must be a string",
      "snippet.details.channelId: is required",
      "empty.inside: is required",
      "users[1].id: must be 1 to 128 characters of A-Z a-z 0-9 _ . = -",
      "none: is required"
    ]
    "#);
    let location = |reason: &web::Reason| reason.youtube.as_ref()?.location.clone();
    let locations: Vec<_> = problem.reasons.iter().filter_map(location).collect();
    assert_eq!(locations[0], ("snippet.type".into(), "other"));
    assert_eq!(locations.len(), problem.reasons.len());
}

#[test]
fn lists_are_bounded() {
    let mut fields = body(&json!({"users": [{}, {}, {}], "names": ["a", "b"]}));
    assert!(fields.each("users", 2).is_empty());
    fields.optional("names", |input| input.list(1, Input::string));
    let expected =
        ["users: must not hold more than 2 entries", "names: must not hold more than 1 entries"];
    assert_eq!(texts(&fields.finish().unwrap_err()), expected);
}

#[test]
fn a_query_string_is_text() {
    let mut fields =
        Fields::from_query(Some("page=2&flag=true&name=a+b%20%C3%BC&unknown=%F0%9F%98%80"))
            .unwrap();
    assert_eq!(fields.optional("page", |input| input.integer(1..=5)), Some(2));
    assert_eq!(fields.optional("flag", Input::boolean), Some(true));
    assert_eq!(fields.optional("name", Input::string).unwrap(), "a b ü");
    assert_eq!(fields.optional("absent", Input::string), None);
    fields.finish().unwrap();
    Fields::from_query(None).unwrap().finish().unwrap();
}

#[test]
fn a_bad_query_string_is_refused() {
    let refused = |query| texts(&Fields::from_query(Some(query)).unwrap_err());
    assert_eq!(refused("page=1&page=2"), ["page: must not occur more than once"]);
    assert_eq!(refused("name=a%00b"), ["name: must not contain the control character U+0000"]);
    assert_eq!(refused("na%00me=a"), ["name: must not contain the control character U+0000"]);
    assert_eq!(refused("name=%FF"), ["name: must be UTF-8"]);
    for page in ["", "0", "6", "+1", "1.0", "one"] {
        let query =
            form_urlencoded::Serializer::new(String::new()).append_pair("page", page).finish();
        let mut fields = Fields::from_query(Some(&query)).unwrap();
        fields.optional("page", |input| input.integer(1..=5));
        let expected = ["page: must be a whole number from 1 to 5"];
        assert_eq!(texts(&fields.finish().unwrap_err()), expected, "{page}");
    }
}
