//! Debian's packages, for whoever may install them.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{paths, shell};

/// What a person types to install these.
pub fn by_hand(packages: &[&str]) -> String {
    format!("sudo apt-get install {}", packages.join(" "))
}

/// Installs the packages, as root or through a `sudo` that asks nothing.
pub fn install(packages: &[&str]) -> Result<()> {
    if paths::program("apt-get").is_none() {
        bail!("this system has no apt-get");
    }
    let prefix = privilege()?;
    // The lists may be old or absent; a failure here is told by the install that follows.
    let _ = shell::run(apt(prefix).args(["update", "--quiet=2"]), "refresh Debian's package lists");
    let install = ["install", "--yes", "--quiet=2", "--no-install-recommends"];
    shell::run(apt(prefix).args(install).args(packages), "install Debian's packages")
}

/// The words before `apt-get`.
fn privilege() -> Result<Option<&'static str>> {
    let user = shell::read(Command::new("id").arg("-u")).context("`id -u` does not run")?;
    if user == "0" {
        return Ok(None);
    }
    match shell::read(Command::new("sudo").args(["-n", "true"])) {
        Some(_) => Ok(Some("sudo")),
        None => bail!("only root may install Debian's packages, and sudo wants a password"),
    }
}

fn apt(prefix: Option<&str>) -> Command {
    let mut command = Command::new(prefix.unwrap_or("apt-get"));
    if prefix.is_some() {
        command.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    }
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}
