//! Whether bytes are JSON in the form of RFC 8785, the only one that is hashed.

use std::fmt;
use std::io::Write;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Whole numbers up to here are written alike by every JSON program.
const MAX_SAFE: u64 = 1 << 53;

/// How many members or items the value in `bytes` has, if writing it in canonical form gives `bytes`
/// again.
pub fn members(bytes: &[u8]) -> Option<usize> {
    let mut written = Vec::with_capacity(bytes.len());
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let members = Rewrite(&mut written).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    (written == bytes).then_some(members)
}

/// Writes canonically what it reads. Members must come in their order, which none can do twice.
struct Rewrite<'a>(&'a mut Vec<u8>);

impl Rewrite<'_> {
    fn number<E: Error>(self, number: impl serde::Serialize) -> Result<usize, E> {
        self.0.extend(serde_json_canonicalizer::to_vec(&number).map_err(E::custom)?);
        Ok(0)
    }

    fn text<E: Error>(self, text: impl fmt::Display) -> Result<usize, E> {
        write!(self.0, "{text}").map_err(E::custom).map(|()| 0)
    }
}

impl<'de> DeserializeSeed<'de> for Rewrite<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rewrite<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("canonical JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<usize, E> {
        self.text("null")
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<usize, E> {
        self.text(truth)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<usize, E> {
        if number <= MAX_SAFE { self.text(number) } else { self.number(number) }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<usize, E> {
        if number.unsigned_abs() <= MAX_SAFE { self.text(number) } else { self.number(number) }
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<usize, E> {
        self.number(number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<usize, E> {
        serde_json::to_writer(self.0, text).map_err(E::custom).map(|()| 0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<usize, A::Error> {
        self.0.push(b'[');
        for count in 0.. {
            let before = self.0.len();
            if count > 0 {
                self.0.push(b',');
            }
            if items.next_element_seed(Rewrite(self.0))?.is_none() {
                self.0.truncate(before);
                self.0.push(b']');
                return Ok(count);
            }
        }
        Ok(0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<usize, A::Error> {
        self.0.push(b'{');
        let (mut last, mut count): (Option<String>, usize) = (None, 0);
        while let Some(name) = members.next_key::<String>()? {
            if last.as_ref().is_some_and(|last| !last.encode_utf16().lt(name.encode_utf16())) {
                return Err(A::Error::custom("members out of order"));
            }
            if last.is_some() {
                self.0.push(b',');
            }
            serde_json::to_writer(&mut *self.0, &name).map_err(A::Error::custom)?;
            self.0.push(b':');
            members.next_value_seed(Rewrite(self.0))?;
            last = Some(name);
            count += 1;
        }
        self.0.push(b'}');
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_form() {
        let canonical = [
            r#"{"a":[1,-2,0.5,1e+30,true,null,[],{}],"b":{"ü":"\n\"\\ü"},"😀":1,"ﬁ":2}"#,
            r#"["9007199254740993",9007199254740992,"\u001f"]"#,
        ];
        for text in canonical {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let library = serde_json_canonicalizer::to_vec(&value).unwrap();
            assert_eq!(String::from_utf8(library).unwrap(), text);
            assert!(members(text.as_bytes()).is_some(), "{text}");
        }
        assert_eq!(members(br#"{"a":1,"b":[1,2,3]}"#), Some(2));
        let others = [
            r#"{"a": 1}"#,
            r#"{"b":1,"a":2}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"ﬁ":2,"😀":1}"#,
            "[1.0]",
            "[9007199254740993]",
            r#"["\u00fc"]"#,
            r#"["\u000a"]"#,
            r#"["\/"]"#,
            "[1] ",
            "[1]\n",
            "[1][2]",
            "[1",
            "",
        ];
        for text in others {
            assert_eq!(members(text.as_bytes()), None, "{text}");
        }
    }
}
