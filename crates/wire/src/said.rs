//! Reading what a viewer says.

use crate::{
    Attention, ClientMessage, Code, Hello, Manifest, PROTOCOL, Problem, Said, Spec, ViewerId,
    limits::{PROMPT_MAX, SAID_MAX, TEXT_MAX},
    read::{Object, json, read, refuse},
};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

const ID_8: &str = "16 lower-case hexadecimal digits";
const ID_16: &str = "32 lower-case hexadecimal digits";
const COUNT: &str = "a whole number from 0 to 18446744073709551615";
const TYPES: &str = "hello, attention, canvas, generate, live, prepare, cancel, remove, watch, ack or ping";

impl ClientMessage {
    /// Reads a message as it came.
    ///
    /// # Errors
    /// If it is too large, no JSON, unknown, or has a value outside its range; the problem
    /// names the field and what is allowed.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        bounded(text, TEXT_MAX)?;
        Self::read(json(text)?)
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("messages have string keys only")
    }

    fn read(value: Value) -> Result<Self, Problem> {
        let mut object = Object::new("message", value)?;
        let kind = object.raw("type", TYPES)?;
        let message = match kind.as_str().unwrap_or_default() {
            "hello" => Self::Hello(Hello::take(&mut object)?),
            "attention" => Self::Attention(Attention::take(&mut object)?),
            "canvas" => Self::Canvas { manifest: Manifest::read(object.raw("manifest", "a manifest")?)? },
            "generate" => Self::Generate {
                request: object.take("request", "a whole number from 0 to 4294967295")?,
                canvas: object.take("canvas", ID_16)?,
                spec: Spec::read(object.raw("spec", "the settings")?)?,
            },
            "live" => Self::Live {
                canvas: object.take("canvas", ID_16)?,
                spec: Spec::read(object.raw("spec", "the settings")?)?,
            },
            "prepare" => Self::Prepare {
                canvas: object.optional("canvas").map(|canvas| read("canvas", canvas, ID_16)).transpose()?,
                spec: Spec::read(object.raw("spec", "the settings")?)?,
            },
            "cancel" => Self::Cancel { job: object.take("job", ID_8)? },
            "remove" => Self::Remove { picture: object.take("picture", ID_16)? },
            "watch" => Self::Watch { job: object.take("job", ID_8)? },
            "ack" => Self::Ack { sequence: object.take("sequence", COUNT)? },
            "ping" => Self::Ping { sent: object.take("sent", COUNT)? },
            _ => {
                return Err(Problem { code: Code::BadMessage, ..refuse("type", &kind, TYPES) });
            }
        };
        object.end()?;
        Ok(message)
    }
}

impl Hello {
    fn take(object: &mut Object) -> Result<Self, Problem> {
        // Before all else: another version may have other fields.
        let protocol = object.raw("protocol", &PROTOCOL.to_string())?;
        if protocol.as_u64() != Some(PROTOCOL.into()) {
            let refused = refuse("protocol", &protocol, &format!("{PROTOCOL}: reload the page"));
            return Err(Problem { code: Code::Protocol, ..refused });
        }
        let mut attention = Object::new("attention", object.raw("attention", "what to be shown")?)?;
        let hello = Self {
            protocol: PROTOCOL,
            person: object.take("person", ID_16)?,
            viewer: object.take("viewer", ID_8)?,
            stream: object.take("stream", "a whole number from 0 to 4294967295")?,
            last: object.take("last", COUNT)?,
            attention: Attention::take(&mut attention)?,
        };
        attention.end()?;
        Ok(hello)
    }
}

impl Attention {
    fn take(object: &mut Object) -> Result<Self, Problem> {
        Ok(Self {
            visible: object.take("visible", "true or false")?,
            background: object.take("background", "true or false")?,
            every: object.take("every", "a whole number from 0 (never) to 65535")?,
            format: object.take("format", "latent or jpeg")?,
        })
    }
}

impl Said {
    /// Reads the body of `POST api/say`.
    ///
    /// # Errors
    /// As [`ClientMessage::parse`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        bounded(text, SAID_MAX)?;
        Self::read(json(text)?)
    }

    fn read(value: Value) -> Result<Self, Problem> {
        let (viewer, messages) = Self::split(value)?;
        let messages = messages.into_iter().map(ClientMessage::read).collect::<Result<_, _>>()?;
        Ok(Self { viewer, messages })
    }
}

fn bounded(text: &str, most: usize) -> Result<(), Problem> {
    if text.len() <= most {
        return Ok(());
    }
    let have = text.len();
    let message = format!("{have} bytes are too many; give at most {most}, a prompt at most {PROMPT_MAX}");
    Err(Problem::new(Code::TooLarge, message))
}

/// One message of several: understood, or refused under the request's number that it bore.
pub type Understood = Result<ClientMessage, (Option<u32>, Problem)>;

impl Said {
    /// Reads the body of `POST api/say` message by message, so that one that is wrong is refused
    /// by itself, as on a socket.
    ///
    /// # Errors
    /// If the body as a whole is no list of messages of a viewer.
    pub fn parse_each(text: &str) -> Result<(ViewerId, Vec<Understood>), Problem> {
        bounded(text, SAID_MAX)?;
        let (viewer, messages) = Self::split(json(text)?)?;
        let understood = messages.into_iter().map(|value| {
            let request = value.get("request").and_then(Value::as_u64).and_then(|n| n.try_into().ok());
            ClientMessage::read(value).map_err(|problem| (request, problem))
        });
        Ok((viewer, understood.collect()))
    }

    fn split(value: Value) -> Result<(ViewerId, Vec<Value>), Problem> {
        let mut object = Object::new("body", value)?;
        let viewer = object.take("viewer", ID_8)?;
        let messages = object.take("messages", "a list of messages")?;
        object.end()?;
        Ok((viewer, messages))
    }
}

impl<'de> Deserialize<'de> for ClientMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
