//! `trainer <word>`: every step from nothing to the model that ships.

mod commands;

use std::error::Error;
use std::os::unix::process::CommandExt;
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    let policy = "OMP_WAIT_POLICY";
    if std::env::var_os(policy).is_none() {
        // OpenMP reads it when it is loaded, so it must be set before this program starts.
        let itself = std::env::current_exe()?;
        return Err(Command::new(itself)
            .args(std::env::args_os().skip(1))
            .env(policy, "PASSIVE")
            .exec()
            .into());
    }
    commands::run()
}
