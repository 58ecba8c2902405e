//! How a studio is set up: flags, else `PENTIMENTO_*` variables, else the table `[pentimento]` of
//! `Leptos.toml`, else what suits most.

use crate::models::Folders;
use crate::{queue, tiles};
use clap::Parser;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tch::Device;

/// Why the configuration was refused; names the key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path} cannot be read: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}: {why}")]
    Parse { path: PathBuf, why: String },
    #[error("{key}: {value} is not allowed; give {allowed}")]
    Value { key: &'static str, value: String, allowed: &'static str },
}

/// Sketch, say what it should become, and watch the picture form.
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "server", version, about)]
pub struct Flags {
    /// Configuration file, whose table [pentimento] is read
    #[arg(long, env = "PENTIMENTO_CONFIG", default_value = "Leptos.toml")]
    pub config: PathBuf,
    /// Address to listen on; 0.0.0.0 for all of the local network
    #[arg(long, env = "PENTIMENTO_HOST")]
    pub host: Option<IpAddr>,
    /// Port to listen on; 0 for one of the system's choice
    #[arg(long, env = "PENTIMENTO_PORT")]
    pub port: Option<u16>,
    /// Folder for jobs and pictures
    #[arg(long, env = "PENTIMENTO_DATA")]
    pub data: Option<PathBuf>,
    /// The model: a folder in diffusers layout, or a single .safetensors file
    #[arg(long, env = "PENTIMENTO_MODEL")]
    pub model: Option<PathBuf>,
    /// Folder of more models, which people choose from on the page
    #[arg(long, env = "PENTIMENTO_MODELS")]
    pub models: Option<PathBuf>,
    /// Megabytes of memory that loaded models may take together; 0 for three quarters of what there is
    #[arg(long, env = "PENTIMENTO_MODEL_MEGABYTES", value_name = "MEGABYTES")]
    pub model_megabytes: Option<u64>,
    /// Folder of ControlNets for drawings or lines, which people choose from on the page; in the models folder by default
    #[arg(long, env = "PENTIMENTO_CONTROLS")]
    pub controls: Option<PathBuf>,
    /// Folder of LoRAs, which prompts name as <lora:name:0.8>; in the models folder by default
    #[arg(long, env = "PENTIMENTO_LORAS")]
    pub loras: Option<PathBuf>,
    /// Folder of tiny autoencoders (TAESD), which decode previews of the models that they were made for; in the models folder by default
    #[arg(long, env = "PENTIMENTO_PREVIEWS")]
    pub previews: Option<PathBuf>,
    /// Folder of the built site
    #[arg(long, env = "PENTIMENTO_SITE")]
    pub site: Option<PathBuf>,
    /// Seconds that a piece of a drawing is kept after its last use
    #[arg(long, env = "PENTIMENTO_TILE_TTL", value_name = "SECONDS")]
    pub tile_ttl: Option<u64>,
    /// Where to sample: auto, cpu or cuda
    #[arg(long, env = "PENTIMENTO_DEVICE")]
    pub device: Option<String>,
    /// Threads for the sampler; 0 for one a core
    #[arg(long, env = "PENTIMENTO_THREADS")]
    pub threads: Option<usize>,
    /// Whether pages may draw along, with a quick picture after every change
    #[arg(long, env = "PENTIMENTO_LIVE", value_name = "true or false")]
    pub live: Option<bool>,
}

/// The table `[pentimento]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    host: Option<IpAddr>,
    port: Option<u16>,
    data: Option<PathBuf>,
    model: Option<PathBuf>,
    models: Option<PathBuf>,
    model_megabytes: Option<u64>,
    controls: Option<PathBuf>,
    loras: Option<PathBuf>,
    previews: Option<PathBuf>,
    site: Option<PathBuf>,
    tile_ttl: Option<u64>,
    tile_megabytes: Option<usize>,
    device: Option<String>,
    threads: Option<usize>,
    live: Option<bool>,
    waiting: Option<usize>,
    waiting_per_person: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
struct File {
    #[serde(default)]
    pentimento: Table,
}

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    pub host: IpAddr,
    pub port: u16,
    pub data: PathBuf,
    pub model: PathBuf,
    /// Where more models lie, and what may be added to one.
    pub folders: Folders,
    /// Bytes of memory that loaded models may take together; 0 for what suits the machine.
    pub budget: u64,
    pub site: PathBuf,
    pub tiles: tiles::Limits,
    pub waiting: queue::line::Limits,
    pub device: Device,
    /// Threads for the sampler.
    pub threads: usize,
    /// Whether there are live pictures, if the model can make them.
    pub live: bool,
}

impl Config {
    /// # Errors
    /// If the file is broken or a value is outside its range.
    pub fn read(flags: Flags) -> Result<Self, ConfigError> {
        let table = table(&flags.config)?;
        let ttl = flags.tile_ttl.or(table.tile_ttl).unwrap_or(300);
        let ttl = within("tile_ttl", ttl, 1, 30 * 24 * 3600, "seconds from 1 to 2592000")?;
        let megabytes = table.tile_megabytes.unwrap_or(256);
        let megabytes = within("tile_megabytes", megabytes, 16, 1 << 20, "megabytes from 16 to 1048576")?;
        let total = within("waiting", table.waiting.unwrap_or(64), 1, 10_000, "a number from 1 to 10000")?;
        let each = table.waiting_per_person.unwrap_or(16);
        let each = within("waiting_per_person", each, 1, 10_000, "a number from 1 to 10000")?;
        let model_megabytes = flags.model_megabytes.or(table.model_megabytes).unwrap_or(0);
        let model_megabytes =
            within("model_megabytes", model_megabytes, 0, 1 << 24, "megabytes from 0 to 16777216")?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = flags.threads.or(table.threads).unwrap_or(0);
        let threads = within("threads", threads, 0, 1024, "a number from 1 to 1024, or 0 for one a core")?;
        let models = flags.models.or(table.models).unwrap_or_else(|| "models".into());
        let usual = Folders::of(&models);
        Ok(Self {
            host: flags.host.or(table.host).unwrap_or(IpAddr::from([127, 0, 0, 1])),
            port: flags.port.or(table.port).unwrap_or(3000),
            data: flags.data.or(table.data).unwrap_or_else(|| "data".into()),
            model: flags.model.or(table.model).unwrap_or_else(|| "models/pentimento".into()),
            budget: model_megabytes << 20,
            folders: Folders {
                controls: flags.controls.or(table.controls).unwrap_or(usual.controls),
                loras: flags.loras.or(table.loras).unwrap_or(usual.loras),
                previews: flags.previews.or(table.previews).unwrap_or(usual.previews),
                models,
            },
            site: flags.site.or(table.site).unwrap_or_else(|| "target/site".into()),
            tiles: tiles::Limits { ttl: Duration::from_secs(ttl), bytes: megabytes << 20 },
            waiting: queue::line::Limits { total, per_person: each },
            device: device(flags.device.or(table.device).as_deref().unwrap_or("auto"))?,
            threads: if threads == 0 { cores } else { threads },
            live: flags.live.or(table.live).unwrap_or(true),
        })
    }
}

fn table(path: &Path) -> Result<Table, ConfigError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Table::default()),
        Err(source) => return Err(ConfigError::Read { path: path.to_owned(), source }),
    };
    let parsed: Result<File, toml::de::Error> = toml::from_str(&text);
    // The message shows the line, which names the key.
    parsed
        .map(|file| file.pentimento)
        .map_err(|error| ConfigError::Parse { path: path.to_owned(), why: error.to_string() })
}

fn within<T: PartialOrd + ToString>(
    key: &'static str,
    value: T,
    low: T,
    high: T,
    allowed: &'static str,
) -> Result<T, ConfigError> {
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    Err(ConfigError::Value { key, value: value.to_string(), allowed })
}

fn device(name: &str) -> Result<Device, ConfigError> {
    let allowed = "auto, cpu, or (where libtorch finds a GPU) cuda";
    match name {
        "auto" => Ok(Device::cuda_if_available()),
        "cpu" => Ok(Device::Cpu),
        "cuda" if tch::Cuda::is_available() => Ok(Device::Cuda(0)),
        other => Err(ConfigError::Value { key: "device", value: other.to_owned(), allowed }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, flags: Flags) -> Result<Config, ConfigError> {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), text).expect("it can be written");
        Config::read(Flags { config: file.path().to_owned(), ..flags })
    }

    #[test]
    fn a_flag_outranks_the_file() {
        let text =
            "[pentimento]\nport = 4000\ntile_ttl = 60\n[[workspace.metadata.leptos]]\noutput-name = 'x'";
        let config = read(text, Flags { port: Some(0), ..Flags::default() }).expect("all in range");
        assert_eq!((config.port, config.tiles.ttl), (0, Duration::from_secs(60)));
    }

    #[test]
    fn a_wrong_value_is_named() {
        let error = read("[pentimento]\ntile_ttl = 0", Flags::default()).expect_err("0 is out of range");
        assert_eq!(error.to_string(), "tile_ttl: 0 is not allowed; give seconds from 1 to 2592000");
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = read("[pentimento]\nprot = 80", Flags::default()).expect_err("there is no such key");
        assert!(error.to_string().contains("prot"), "{error}");
    }
}
