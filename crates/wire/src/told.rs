//! Reading what the server tells. A later server may say more: fields that are not known are passed over, but in a
//! spec, whose readers must know all of it.
//!
//! Field by field, but for two small ones, as what a client says is read: in a browser that is a fraction of the code
//! of derived readers.

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
            /// If the text is something else; the problem says where.
            pub fn parse(text: &str) -> Result<Self, Problem> {
                let bad = |problem| Problem { code: Code::BadMessage, ..problem };
                json(text).and_then(Self::read).map_err(bad)
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
    fn part<T: Told>(&mut self, field: &str) -> Result<T, Problem> {
        T::read(self.raw(field, ALLOWED)?)
    }

    /// The value of a field that is neither left out nor null.
    fn there(&mut self, field: &str) -> Option<Value> {
        self.optional(field).filter(|value| !value.is_null())
    }

    /// A part that may be left out or null.
    fn optional_part<T: Told>(&mut self, field: &str) -> Result<Option<T>, Problem> {
        self.there(field).map(T::read).transpose()
    }

    /// A field that is a plain value.
    fn value<T: DeserializeOwned>(&mut self, field: &str) -> Result<T, Problem> {
        self.take(field, ALLOWED)
    }

    /// A plain value that may be left out or null, and is its default then.
    fn value_or_default<T: DeserializeOwned + Default>(&mut self, field: &str) -> Result<T, Problem> {
        self.there(field).map_or_else(|| Ok(T::default()), |value| read(field, value, ALLOWED))
    }
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
        let mut object = Object::new("message", value)?;
        Ok(Self { n: object.value("n")?, fact: object.part("fact")? })
    }
}

impl Told for Fact {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut object = Object::new("fact", value)?;
        Ok(match &*object.value::<String>("type")? {
            "welcome" => {
                Self::Welcome { fresh: object.value("fresh")?, snapshot: object.optional_part("snapshot")? }
            }
            "canvas" => Self::Canvas { canvas: object.value("canvas")?, missing: object.value("missing")? },
            "astray" => Self::Astray,
            "accepted" => {
                Self::Accepted { job: object.part("job")?, request: object.value_or_default("request")? }
            }
            "waiting" => Self::Waiting {
                job: object.value("job")?,
                ahead: object.value("ahead")?,
                tiles: object.value("tiles")?,
            },
            "loading" => Self::Loading {
                job: object.value("job")?,
                read: object.value("read")?,
                bytes: object.value("bytes")?,
            },
            "started" => Self::Started { job: object.value("job")?, preview: object.part("preview")? },
            "step" => Self::Step {
                job: object.value("job")?,
                step: object.value("step")?,
                total: object.value("total")?,
                step_ms: object.value("step_ms")?,
            },
            "finished" => Self::Finished {
                job: object.value("job")?,
                pictures: object.part("pictures")?,
                took_ms: object.value("took_ms")?,
            },
            "cancelled" => Self::Cancelled { job: object.value("job")?, step: object.value("step")? },
            "failed" => Self::Failed { job: object.value("job")?, problem: object.part("problem")? },
            "alive" => Self::Alive,
            "pong" => Self::Pong {
                sent: object.value("sent")?,
                clock_us: object.value("clock_us")?,
                conflated: object.value("conflated")?,
                made: object.value("made")?,
                encoded: object.value("encoded")?,
            },
            "models" => Self::Models { models: object.part("models")? },
            "refused" => Self::Refused {
                request: object.value_or_default("request")?,
                problem: object.part("problem")?,
            },
            kind => return Err(refuse("type", &kind.into(), ALLOWED)),
        })
    }
}

impl Told for Snapshot {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut object = Object::new("snapshot", value)?;
        Ok(Self {
            model: object.part("model")?,
            models: object.optional_part("models")?.unwrap_or_default(),
            jobs: object.part("jobs")?,
            tile_ttl_s: object.value("tile_ttl_s")?,
        })
    }
}

impl Told for ModelInfo {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut object = Object::new("model", value)?;
        Ok(Self {
            id: object.value_or_default("id")?,
            name: object.value("name")?,
            defaults: object.part("defaults")?,
            sketch_conditioned: object.value("sketch_conditioned")?,
            device: object.value("device")?,
            styles: object.value_or_default("styles")?,
            live: object.optional_part("live")?,
        })
    }
}

impl Told for LiveInfo {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut object = Object::new("live", value)?;
        Ok(Self { steps: object.value("steps")?, picture_ms: object.value("picture_ms")? })
    }
}

impl Told for Job {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut object = Object::new("job", value)?;
        Ok(Self {
            id: object.value("id")?,
            canvas: object.value("canvas")?,
            spec: object.part("spec")?,
            created_ms: object.value("created_ms")?,
        })
    }
}

impl Told for JobView {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut object = Object::new("job", value)?;
        Ok(Self { job: object.part("job")?, state: object.part("state")? })
    }
}

impl Told for JobState {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut object = Object::new("state", value)?;
        Ok(match &*object.value::<String>("state")? {
            "waiting" => Self::Waiting { ahead: object.value("ahead")?, tiles: object.value("tiles")? },
            "loading" => Self::Loading { read: object.value("read")?, bytes: object.value("bytes")? },
            "running" => Self::Running {
                step: object.value("step")?,
                total: object.value("total")?,
                step_ms: object.value("step_ms")?,
                preview: object.part("preview")?,
            },
            "finished" => {
                Self::Finished { pictures: object.part("pictures")?, took_ms: object.value("took_ms")? }
            }
            "cancelled" => Self::Cancelled { step: object.value("step")? },
            "failed" => Self::Failed { problem: object.part("problem")? },
            kind => return Err(refuse("state", &kind.into(), ALLOWED)),
        })
    }
}

impl Told for LatentPreview {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut object = Object::new("preview", value)?;
        Ok(Self {
            width: object.value("width")?,
            height: object.value("height")?,
            matrix: object.value("matrix")?,
            offset: object.value("offset")?,
        })
    }
}

impl Told for Picture {
    fn read(value: Value) -> Result<Self, Problem> {
        let mut object = Object::new("picture", value)?;
        Ok(Self {
            digest: object.value("digest")?,
            width: object.value("width")?,
            height: object.value("height")?,
            seed: object.value("seed")?,
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
