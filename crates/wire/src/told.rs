//! Reading what the server tells. A later server may say more: fields that are not known are passed over.
//!
//! Field by field, as what a client says is read: in a browser that is a fraction of the code of derived readers.

use crate::{
    Code, Fact, Job, JobState, JobView, LatentPreview, LiveInfo, ModelInfo, Numbered, Picture, Problem,
    Snapshot, Spec, TilesAnswer,
    read::{Object, json, read, refuse},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

const ALLOWED: &str = "what the protocol says";

macro_rules! parsed {
    ($($name:ident)*) => {$(
        impl $name {
            /// Reads what the server told.
            ///
            /// # Errors
            /// If the text is something else; the problem names the field.
            pub fn parse(text: &str) -> Result<Self, Problem> {
                Self::read(json(text)?)
            }
        }
    )*};
}

parsed!(Numbered JobView TilesAnswer Problem);

impl Numbered {
    /// The number of a fact, also of one that this version does not know: it counts as well.
    pub fn number(text: &str) -> Option<u64> {
        json(text).ok()?.get("n")?.as_u64()
    }
}

/// Something that the server tells.
trait Told: Sized {
    fn read(value: Value) -> Result<Self, Problem>;
}

impl Object {
    /// A field that is told as an object.
    fn told<T: Told>(&mut self, field: &str) -> Result<T, Problem> {
        T::read(self.raw(field, ALLOWED)?)
    }

    /// The value of a field that is neither left out nor null.
    fn there(&mut self, field: &str) -> Option<Value> {
        self.optional(field).filter(|value| !value.is_null())
    }

    /// The same, if it is there.
    fn may_tell<T: Told>(&mut self, field: &str) -> Result<Option<T>, Problem> {
        self.there(field).map(T::read).transpose()
    }

    /// A field that is a plain value.
    fn value<T: DeserializeOwned>(&mut self, field: &str) -> Result<T, Problem> {
        self.take(field, ALLOWED)
    }

    /// The same, or what it is if it is left out.
    fn value_or_default<T: DeserializeOwned + Default>(&mut self, field: &str) -> Result<T, Problem> {
        self.there(field).map_or_else(|| Ok(T::default()), |value| read(field, value, ALLOWED))
    }
}

fn unknown<T>(field: &str, kind: &str) -> Result<T, Problem> {
    Err(Problem { code: Code::BadMessage, ..refuse(field, &kind.into(), ALLOWED) })
}

impl<T: Told> Told for Vec<T> {
    fn read(value: Value) -> Result<Self, Problem> {
        match value {
            Value::Array(values) => values.into_iter().map(T::read).collect(),
            other => Err(refuse("list", &other, ALLOWED)),
        }
    }
}

impl Told for Spec {
    fn read(value: Value) -> Result<Self, Problem> {
        Spec::read(value)
    }
}

impl Told for Numbered {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut told = Object::new("message", value)?;
        Ok(Self { n: told.value("n")?, fact: told.told("fact")? })
    }
}

impl Told for Fact {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut told = Object::new("fact", value)?;
        Ok(match &*told.value::<String>("type")? {
            "welcome" => Self::Welcome { fresh: told.value("fresh")?, snapshot: told.may_tell("snapshot")? },
            "canvas" => Self::Canvas { canvas: told.value("canvas")?, missing: told.value("missing")? },
            "astray" => Self::Astray,
            "accepted" => {
                Self::Accepted { job: told.told("job")?, request: told.value_or_default("request")? }
            }
            "waiting" => Self::Waiting {
                job: told.value("job")?,
                ahead: told.value("ahead")?,
                tiles: told.value("tiles")?,
            },
            "loading" => Self::Loading {
                job: told.value("job")?,
                read: told.value("read")?,
                bytes: told.value("bytes")?,
            },
            "started" => Self::Started { job: told.value("job")?, preview: told.told("preview")? },
            "step" => Self::Step {
                job: told.value("job")?,
                step: told.value("step")?,
                total: told.value("total")?,
                step_ms: told.value("step_ms")?,
            },
            "finished" => Self::Finished {
                job: told.value("job")?,
                pictures: told.told("pictures")?,
                took_ms: told.value("took_ms")?,
            },
            "cancelled" => Self::Cancelled { job: told.value("job")?, step: told.value("step")? },
            "failed" => Self::Failed { job: told.value("job")?, problem: told.told("problem")? },
            "alive" => Self::Alive,
            "pong" => Self::Pong {
                sent: told.value("sent")?,
                clock_us: told.value("clock_us")?,
                conflated: told.value("conflated")?,
                made: told.value("made")?,
                encoded: told.value("encoded")?,
            },
            "models" => Self::Models { models: told.told("models")? },
            "refused" => {
                Self::Refused { request: told.value_or_default("request")?, problem: told.told("problem")? }
            }
            kind => return unknown("type", kind),
        })
    }
}

impl Told for Snapshot {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut told = Object::new("snapshot", value)?;
        Ok(Self {
            model: told.told("model")?,
            models: told.may_tell("models")?.unwrap_or_default(),
            jobs: told.told("jobs")?,
            tile_ttl_s: told.value("tile_ttl_s")?,
        })
    }
}

impl Told for ModelInfo {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut told = Object::new("model", value)?;
        Ok(Self {
            id: told.value_or_default("id")?,
            name: told.value("name")?,
            defaults: told.told("defaults")?,
            sketch_conditioned: told.value("sketch_conditioned")?,
            device: told.value("device")?,
            styles: told.value_or_default("styles")?,
            live: told.may_tell("live")?,
        })
    }
}

impl Told for LiveInfo {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut told = Object::new("live", value)?;
        Ok(Self { steps: told.value("steps")?, picture_ms: told.value("picture_ms")? })
    }
}

impl Told for Job {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut told = Object::new("job", value)?;
        Ok(Self {
            id: told.value("id")?,
            canvas: told.value("canvas")?,
            spec: told.told("spec")?,
            created_ms: told.value("created_ms")?,
        })
    }
}

impl Told for JobView {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut told = Object::new("job", value)?;
        Ok(Self { job: told.told("job")?, state: told.told("state")? })
    }
}

impl Told for JobState {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut told = Object::new("state", value)?;
        Ok(match &*told.value::<String>("state")? {
            "waiting" => Self::Waiting { ahead: told.value("ahead")?, tiles: told.value("tiles")? },
            "loading" => Self::Loading { read: told.value("read")?, bytes: told.value("bytes")? },
            "running" => Self::Running {
                step: told.value("step")?,
                total: told.value("total")?,
                step_ms: told.value("step_ms")?,
                preview: told.told("preview")?,
            },
            "finished" => {
                Self::Finished { pictures: told.told("pictures")?, took_ms: told.value("took_ms")? }
            }
            "cancelled" => Self::Cancelled { step: told.value("step")? },
            "failed" => Self::Failed { problem: told.told("problem")? },
            kind => return unknown("state", kind),
        })
    }
}

impl Told for LatentPreview {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut told = Object::new("preview", value)?;
        Ok(Self {
            width: told.value("width")?,
            height: told.value("height")?,
            matrix: told.value("matrix")?,
            offset: told.value("offset")?,
        })
    }
}

impl Told for Picture {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut told = Object::new("picture", value)?;
        Ok(Self {
            digest: told.value("digest")?,
            width: told.value("width")?,
            height: told.value("height")?,
            seed: told.value("seed")?,
        })
    }
}

impl Told for TilesAnswer {
    fn read(value: Value) -> Result<Self, Problem> {
        read("answer", value, ALLOWED)
    }
}

impl Told for Problem {
    fn read(value: Value) -> Result<Self, Self> {
        read("problem", value, ALLOWED)
    }
}
