//! What a form of filters gives.

/// The query string without what was left empty, and blanks around the rest: a form sends all its fields.
pub(super) fn given(query: Option<&str>) -> String {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let trimmed = pairs.map(|(name, value)| (name, value.trim().to_owned()));
    let given = trimmed.filter(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
}

/// What it gives for `name`, to be shown in the form again.
pub(super) fn value(query: &str, name: &str) -> String {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let found = pairs.find(|(other, _)| other == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The query string with another value of `name`, or without it.
pub(super) fn with(query: &str, name: &str, value: Option<&str>) -> String {
    let others = form_urlencoded::parse(query.as_bytes()).filter(|(other, _)| other != name);
    let mut changed = form_urlencoded::Serializer::new(String::new());
    changed.extend_pairs(others);
    changed.extend_pairs(value.map(|value| (name, value)));
    changed.finish()
}

/// The address of `path` with this query string.
pub(super) fn at(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_empty_is_not_given() {
        assert_eq!(given(Some("type=&userId=+u-1&from=+")), "userId=u-1");
        assert_eq!(given(None), "");
        assert_eq!(value("userId=u-1&from=a%20b", "from"), "a b");
        assert_eq!(value("userId=u-1", "to"), "");
    }

    #[test]
    fn one_value_is_changed_and_the_others_stay() {
        assert_eq!(with("a=1&b=2&a=3", "a", Some("x y")), "b=2&a=x+y");
        assert_eq!(with("a=1&b=2", "a", None), "b=2");
        assert_eq!((at("/p", "b=2"), at("/p", "")), ("/p?b=2".to_owned(), "/p".to_owned()));
    }
}
