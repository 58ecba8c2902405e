//! libtorch's threads spin while they wait for each other, so one busy neighbour on few cores
//! makes a step of 9 ms take a second. Told to sleep instead, they take 13.

use std::os::unix::process::CommandExt;
use std::process::Command;

const POLICY: &str = "OMP_WAIT_POLICY";

/// Makes OpenMP's threads wait asleep. The library reads this when it is loaded, which is before
/// `main`, so the program starts itself again with the setting. One that is set stays.
pub fn wait_passively() {
    if std::env::var_os(POLICY).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| program.clone().into());
    let error = Command::new(program).arg0(name).args(arguments).env(POLICY, "PASSIVE").exec();
    eprintln!(
        "cannot start again with {POLICY}=PASSIVE ({error}); sampling may be slow beside other programs"
    );
}
