//! `ssr` and `hydrate` must never meet in one binary: click handlers then panic in the browser, at run time
//! (leptos #4586). What cargo resolved for the browser is looked at, since nothing else would tell.

use anyhow::{Context, Result};

use super::Count;
use crate::setup::wasm_target::TARGET;
use crate::{say, shell};

/// The crate in which the two features exclude each other.
const WITNESS: &str = "tachys";

/// One test: the browser's build has nothing of the server's.
pub fn check() -> Result<Count> {
    say::heading("Features");
    let mut cargo = shell::cargo();
    cargo.args([
        "tree",
        "--package",
        "frontend",
        "--target",
        TARGET,
        "--edges",
        "features",
        "--invert",
        WITNESS,
    ]);
    let tree = shell::read(&mut cargo).with_context(|| format!("{} failed", shell::line(&cargo)))?;
    match intruder(&tree) {
        None => {
            say::done("frontend", "has nothing of the server's");
            Ok(Count { passed: 1, ..Count::default() })
        }
        Some(line) => {
            say::missing("frontend", format!("is built with the server's features: {}", line.trim()));
            Ok(Count { failed: 1, ..Count::default() })
        }
    }
}

/// The first line of the tree that names the feature `ssr`.
fn intruder(tree: &str) -> Option<&str> {
    tree.lines().find(|line| line.contains("feature \"ssr\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_feature_in_the_browsers_build_is_seen() {
        let tree = "tachys v0.2.5\n├── tachys feature \"hydrate\"\n│   └── leptos feature \"hydrate\"\n";
        assert_eq!(intruder(tree), None);
        let mixed = format!("{tree}└── tachys feature \"ssr\"\n");
        assert_eq!(intruder(&mixed), Some("└── tachys feature \"ssr\""));
    }
}
