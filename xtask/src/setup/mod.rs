//! What must be there before anything can be built, and how each of it is got.

mod apt;
mod browser;
mod compiler;
mod end2end;
pub mod libtorch;
mod npm;
pub mod wasm_opt;
pub mod wasm_target;

use std::time::Instant;

use anyhow::{Context, Result, anyhow};

use crate::say;
pub use browser::{Browser, chromium};
pub use compiler::Compiler;
pub use end2end::End2End;
pub use libtorch::Libtorch;
pub use wasm_opt::WasmOpt;
pub use wasm_target::WasmTarget;

/// One thing that must be there.
pub trait Step {
    /// What it is, in a word or two.
    fn name(&self) -> String;
    /// Where it is, if it is there.
    fn found(&self) -> Option<String>;
    /// What `get` will do, with sizes and times where they are felt.
    fn describe(&self) -> String;
    /// How a person gets it when `get` cannot.
    fn by_hand(&self) -> String;
    /// Gets it.
    fn get(&self) -> Result<()>;
}

/// What a wasm build needs.
pub fn for_site() -> Vec<Box<dyn Step>> {
    vec![Box::new(WasmTarget), Box::new(WasmOpt)]
}

/// What the native build needs.
pub fn for_native() -> Vec<Box<dyn Step>> {
    vec![Box::new(Compiler), Box::new(Libtorch)]
}

/// What the tests in a browser need beyond both builds.
pub fn for_browser_tests() -> Vec<Box<dyn Step>> {
    vec![Box::new(End2End), Box::new(Browser)]
}

/// Everything that `cargo xtask` ever needs.
pub fn all() -> Vec<Box<dyn Step>> {
    [for_native(), for_site(), for_browser_tests()].into_iter().flatten().collect()
}

/// Gets what is missing, one after the other, and says of each step what became of it.
pub fn ensure(steps: Vec<Box<dyn Step>>) -> Result<()> {
    say::heading("Set-up");
    for step in steps {
        if let Some(place) = step.found() {
            say::done(step.name(), place);
            continue;
        }
        say::doing(step.name(), step.describe());
        let started = Instant::now();
        let place = got(step.as_ref()).map_err(|why| {
            let advice = format!("What to do: {}", step.by_hand());
            anyhow!("could not get {}: {why:#}\n{advice}", step.name())
        })?;
        say::done(step.name(), format!("{place} ({})", say::duration(started.elapsed())));
    }
    Ok(())
}

fn got(step: &dyn Step) -> Result<String> {
    step.get()?;
    step.found().context("all went well, yet it is not where it should be")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::bail;

    use super::*;

    /// A step that is got, or refuses to be.
    struct Paper {
        there: Cell<bool>,
        refused: bool,
    }

    impl Step for Paper {
        fn name(&self) -> String {
            "paper".into()
        }
        fn found(&self) -> Option<String> {
            self.there.get().then(|| "on the desk".into())
        }
        fn describe(&self) -> String {
            "fetching it".into()
        }
        fn by_hand(&self) -> String {
            "Buy some.".into()
        }
        fn get(&self) -> Result<()> {
            if self.refused || self.there.get() {
                bail!("the shop is closed");
            }
            self.there.set(true);
            Ok(())
        }
    }

    #[test]
    fn what_is_missing_is_got_and_what_is_there_is_left() {
        for there in [false, true] {
            ensure(vec![Box::new(Paper { there: there.into(), refused: false })]).unwrap();
        }
    }

    #[test]
    fn a_failure_says_why_and_what_to_do() {
        let step = Paper { there: false.into(), refused: true };
        let error = ensure(vec![Box::new(step)]).unwrap_err().to_string();
        assert_eq!(error, "could not get paper: the shop is closed\nWhat to do: Buy some.");
    }
}
