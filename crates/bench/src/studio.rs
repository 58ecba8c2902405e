//! A studio of one's own, in a child process, on a port that the system chose.

use anyhow::{Context, Result, bail};
use std::{
    env,
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// A large model on a slow disk may take its time.
const START: Duration = Duration::from_secs(120);
const GREETING: &str = "Pentimento is at http://";

/// A running server with a data folder of its own; both are gone when it is dropped.
#[derive(Debug)]
pub struct Studio {
    pub address: SocketAddr,
    pub pid: u32,
    _child: Child,
    _data: tempfile::TempDir,
}

impl Studio {
    /// Starts the server that `PENTIMENTO_SERVER` names (or the release build) with the model in
    /// `PENTIMENTO_MODEL` (or the one that ships).
    ///
    /// # Errors
    /// If it is not there or does not say within two minutes where it is.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// The same, with more words on its command line.
    ///
    /// # Errors
    /// As [`Studio::start`].
    pub async fn start_with(more: &[&str]) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("the repository")?;
        let path = |name: &str, otherwise: &str| -> PathBuf {
            env::var_os(name).map_or_else(|| root.join(otherwise), |set: OsString| root.join(set))
        };
        let server = path("PENTIMENTO_SERVER", "target/release/server");
        if !server.is_file() {
            bail!("there is no server at {}; build it with `cargo xtask build`", server.display());
        }
        let data = tempfile::tempdir()?;
        let mut command = Command::new(&server);
        command.current_dir(root).args(["--host", "127.0.0.1", "--port", "0"]);
        command.arg("--data").arg(data.path());
        command.arg("--model").arg(path("PENTIMENTO_MODEL", "models/pentimento"));
        command.arg("--site").arg(path("PENTIMENTO_SITE", "target/site"));
        command.args(more);
        Self::run(command, data).await
    }

    /// Starts another program that says as the server does where it is. `data` lasts as long as it runs.
    ///
    /// # Errors
    /// As [`Studio::start`].
    pub async fn run(mut command: Command, data: tempfile::TempDir) -> Result<Self> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).kill_on_drop(true);
        let mut child =
            command.spawn().with_context(|| format!("start {:?}", command.as_std().get_program()))?;
        let pid = child.id().context("it has ended")?;
        let address =
            timeout(START, Self::greeting(&mut child)).await.context("the server did not start")??;
        Ok(Self { address, pid, _child: child, _data: data })
    }

    async fn greeting(child: &mut Child) -> Result<SocketAddr> {
        let stdout = child.stdout.take().context("the server's output")?;
        let stderr = child.stderr.take().context("the server's errors")?;
        // Somebody has to read its log, or the pipe fills and the server stops.
        let log = tokio::spawn(async move {
            let mut lines = BufReader::new(stderr).lines();
            let mut first = Vec::new();
            while let Ok(Some(line)) = lines.next_line().await {
                if first.len() < 40 {
                    first.push(line);
                }
            }
            first.join("\n")
        });
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some(address) = line.strip_prefix(GREETING) {
                let address = address.trim_end_matches('/').parse().context("the server's address")?;
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(address);
            }
        }
        bail!("the server ended before it was there:\n{}", log.await?)
    }

    /// One of the counters of `api/stats`.
    pub async fn counters(&self) -> Result<Counters> {
        let answer = reqwest::get(format!("http://{}/api/stats", self.address)).await?;
        Ok(answer.error_for_status()?.json().await?)
    }
}

/// The counters that figures are made of.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub struct Counters {
    pub viewers: u64,
    pub wanted: u64,
    pub made: u64,
    pub jpeg_encodes: u64,
    pub frames_sent: u64,
    pub frame_bytes: u64,
}
