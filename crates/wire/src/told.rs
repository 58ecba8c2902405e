//! Reading what the server tells. A later server may say more: fields that are not known are passed over, but in a
//! spec, whose readers must know all of it.
//!
//! Field by field, but for two small ones, as what a client says is read: in a browser that is a fraction of the code
//! of derived readers. The tables say by which method of [`Object`] each field is read.

use crate::{
    Code, Fact, Family, Job, JobState, JobView, LatentPreview, LiveInfo, ModelInfo, Numbered, Older, Picture,
    Problem, Snapshot, Spec, TilesAnswer, Unsettled,
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

parsed!(Numbered JobView Older TilesAnswer Problem Unsettled);

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

    /// A part that may be left out or null, and is its default then.
    fn part_or_default<T: Told + Default>(&mut self, field: &str) -> Result<T, Problem> {
        self.there(field).map_or_else(|| Ok(T::default()), T::read)
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

/// What the fields of an object are read by.
macro_rules! objects {
    ($($name:ident $what:literal { $($field:ident: $read:ident),* })*) => {$(
        impl Told for $name {
            fn read(value: Value) -> Result<Self, Problem> {
                let mut object = Object::new($what, value)?;
                Ok(Self { $($field: object.$read(stringify!($field))?),* })
            }
        }
    )*};
}

/// The same for objects one of whose fields says which others there are.
macro_rules! tagged {
    ($name:ident $what:literal by $tag:literal {
        $($kind:literal => $variant:ident { $($field:ident: $read:ident),* })*
    }) => {
        impl Told for $name {
            fn read(value: Value) -> Result<Self, Problem> {
                let mut object = Object::new($what, value)?;
                Ok(match &*object.value::<String>($tag)? {
                    $($kind => Self::$variant { $($field: object.$read(stringify!($field))?),* },)*
                    kind => return Err(refuse($tag, &kind.into(), ALLOWED)),
                })
            }
        }
    };
}

objects! {
    Numbered "message" { n: value, fact: part }
    Snapshot "snapshot" {
        model: part, models: part_or_default, families: part_or_default, unusable: value_or_default, jobs: part,
        tile_ttl_s: value
    }
    ModelInfo "model" {
        id: value_or_default, name: value, defaults: part, sketch_conditioned: value, device: value,
        styles: value_or_default, live: part_or_default, family: value_or_default
    }
    Family "family" { controls: value_or_default, loras: value_or_default }
    LiveInfo "live" { steps: value, picture_ms: value }
    Job "job" { id: value, canvas: value, spec: part, created_ms: value }
    JobView "job" { job: part, state: part }
    Older "older" { jobs: part, until: value_or_default }
    LatentPreview "preview" { width: value, height: value, matrix: value, offset: value }
    Picture "picture" { digest: value, width: value, height: value, seed: value }
}

tagged! {
    Fact "fact" by "type" {
        "welcome" => Welcome { stream: value, fresh: value, snapshot: part_or_default }
        "canvas" => Canvas { canvas: value, missing: value }
        "astray" => Astray {}
        "accepted" => Accepted { job: part, request: value_or_default }
        "waiting" => Waiting { job: value, ahead: value, tiles: value }
        "loading" => Loading { job: value, read: value, bytes: value }
        "started" => Started { job: value, preview: part }
        "step" => Step { job: value, step: value, total: value, step_ms: value }
        "finished" => Finished { job: value, pictures: part, took_ms: value }
        "cancelled" => Cancelled { job: value, step: value }
        "failed" => Failed { job: value, problem: part }
        "removed" => Removed { picture: value }
        "alive" => Alive {}
        "pong" => Pong { sent: value, clock_us: value, conflated: value, made: value, encoded: value, decoded: value_or_default }
        "models" => Models { models: part, families: part_or_default, unusable: value_or_default }
        "refused" => Refused { request: value_or_default, problem: part }
    }
}

tagged! {
    JobState "state" by "state" {
        "waiting" => Waiting { ahead: value, tiles: value }
        "loading" => Loading { read: value, bytes: value }
        "running" => Running { step: value, total: value, step_ms: value, preview: part }
        "finished" => Finished { pictures: part, took_ms: value }
        "cancelled" => Cancelled { step: value }
        "failed" => Failed { problem: part }
    }
}

tagged! {
    Unsettled "message" by "type" {
        "generate" => Generate { request: value, spec: part }
        "cancel" => Cancel { job: value }
        "remove" => Remove { picture: value }
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

impl<T: Told> Told for Option<T> {
    fn read(value: Value) -> Result<Self, Problem> {
        T::read(value).map(Some)
    }
}

impl Told for Spec {
    fn read(value: Value) -> Result<Self, Problem> {
        Spec::read(value)
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
