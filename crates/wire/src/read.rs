//! Reading what the other end sent, field by field, so that a refusal can name the field and what is
//! allowed. Derived readers know neither once a message has a tag.

use crate::{Code, Problem, plain};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// As much of a refused value as a person is shown, in characters.
const SHOWN: usize = 40;

/// An object whose fields are taken one by one.
pub(crate) struct Object {
    fields: Map<String, Value>,
}

impl Object {
    pub fn new(what: &str, value: Value) -> Result<Self, Problem> {
        match value {
            Value::Object(fields) => Ok(Self { fields }),
            other => Err(refuse(what, &other, "an object")),
        }
    }

    /// The value of a field that has to be there.
    pub fn take<T: DeserializeOwned>(&mut self, field: &str, allowed: &str) -> Result<T, Problem> {
        read(field, self.raw(field, allowed)?, allowed)
    }

    /// The value of a field that has a reader of its own.
    pub fn raw(&mut self, field: &str, allowed: &str) -> Result<Value, Problem> {
        let missing = || Problem::invalid(field, format_args!("missing; give {allowed}"));
        self.fields.remove(field).ok_or_else(missing)
    }

    /// The value of a field that may be left out.
    pub fn optional(&mut self, field: &str) -> Option<Value> {
        self.fields.remove(field)
    }

    /// # Errors
    /// If there is a field that nobody took: misspelt, or of another version.
    pub fn end(self) -> Result<(), Problem> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(field) => {
                let field = shortened(field);
                Err(Problem::invalid(&field, "there is no such field here; leave it out"))
            }
        }
    }
}

/// A value of its type, or a refusal that names the field.
pub(crate) fn read<T: DeserializeOwned>(field: &str, value: Value, allowed: &str) -> Result<T, Problem> {
    plain(&value).ok_or_else(|| refuse(field, &value, allowed))
}

pub(crate) fn refuse(field: &str, value: &Value, allowed: &str) -> Problem {
    let shown = shortened(&value.to_string());
    Problem::invalid(field, format_args!("{shown} is not allowed; give {allowed}"))
}

/// Reads JSON. What is none, like `NaN` or `1e999`, is blamed on the field before it.
pub(crate) fn json(text: &str) -> Result<Value, Problem> {
    serde_json::from_str(text).map_err(|error| {
        let line_start = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = error.column().saturating_add(line_start).min(text.len());
        let problem = Problem::new(Code::BadMessage, format!("this is no JSON: {error}"));
        match field_before(text.as_bytes(), at) {
            Some(field) => Problem {
                message: format!("{field}: {}; send JSON, with finite numbers", problem.message),
                field: Some(field),
                ..problem
            },
            None => problem,
        }
    })
}

/// The last name in front of a colon before `at`.
fn field_before(text: &[u8], at: usize) -> Option<String> {
    let colon = text[..at].windows(2).rposition(|pair| pair == b"\":")?;
    let start = text[..colon].iter().rposition(|&byte| byte == b'"')? + 1;
    std::str::from_utf8(&text[start..colon]).ok().map(shortened)
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
