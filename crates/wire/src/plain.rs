//! Values of types with derived readers, without words for what is wrong with one: those who ask say that better, and in a
//! browser the words weigh more than the reading.

use serde::de::{
    Deserializer, Error, IntoDeserializer, Visitor,
    value::{MapDeserializer, SeqDeserializer},
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::Value;
use std::fmt::{self, Display};

/// The value as such a type, if it is one.
pub fn plain<'de, T: Deserialize<'de>>(value: &'de Value) -> Option<T> {
    T::deserialize(Plain(value)).ok()
}

/// Reads one value.
#[derive(Clone, Copy)]
struct Plain<'de>(&'de Value);

/// It is none.
#[derive(Debug)]
struct Mute;

impl Display for Mute {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("not allowed")
    }
}

impl std::error::Error for Mute {}

impl Error for Mute {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl<'de> IntoDeserializer<'de, Mute> for Plain<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Plain<'de> {
    type Error = Mute;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mute> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (.., Some(number)) => visitor.visit_f64(number),
                _ => Err(Mute),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(values) => {
                let mut values = SeqDeserializer::new(values.iter().map(Plain));
                let value = visitor.visit_seq(&mut values)?;
                values.end().map(|()| value)
            }
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.as_str(), Plain(value)));
                visitor.visit_map(MapDeserializer::new(fields))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mute> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mute> {
        visitor.visit_newtype_struct(self)
    }

    /// By its name: none of ours carries anything.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mute> {
        let name = self.0.as_str().ok_or(Mute)?;
        visitor.visit_enum(name.into_deserializer())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Name {
        ThisOne,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Thing {
        name: Name,
        number: Option<u64>,
        #[serde(default)]
        share: f32,
        row: [u8; 3],
        text: String,
    }

    #[test]
    fn what_serde_json_reads_is_read_the_same_and_what_it_refuses_is_refused() {
        let whole = json!({"name": "this_one", "number": 18446744073709551615u64, "share": 0.25, "row": [1, 2, 3], "text": "a"});
        let with = |field: &str, value: Value| {
            let mut object = whole.clone();
            object[field] = value;
            object
        };
        let values = [
            whole.clone(),
            with("number", json!(null)),
            with("number", json!(-1)),
            with("number", json!(1.5)),
            with("share", json!(3)),
            with("share", json!("3")),
            with("name", json!("another")),
            with("name", json!({"this_one": null})),
            with("row", json!([1, 2])),
            with("row", json!([1, 2, 3, 4])),
            with("row", json!([1, 2, 300])),
            with("text", json!(null)),
            with("unknown", json!({"deep": [1]})),
            json!([]),
            json!("this_one"),
        ];
        for value in values {
            let expected = serde_json::from_value::<Thing>(value.clone()).ok();
            // A name alone: an object with nothing in it is not what we write.
            let expected = expected.filter(|_| !value["name"].is_object());
            assert_eq!(plain::<Thing>(&value), expected, "{value}");
        }
    }
}
