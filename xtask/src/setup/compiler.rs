//! The C++ compiler: libtorch is bound through a little C++.

use anyhow::Result;

use super::{Step, apt};
use crate::paths;

const PACKAGES: [&str; 1] = ["g++"];

pub struct Compiler;

impl Step for Compiler {
    fn name(&self) -> String {
        "C++ compiler".into()
    }

    fn found(&self) -> Option<String> {
        ["c++", "g++", "clang++"].into_iter().find_map(paths::program).map(|path| paths::short(&path))
    }

    fn describe(&self) -> String {
        "installing Debian's g++".into()
    }

    fn by_hand(&self) -> String {
        format!("Install g++ or clang++, for example: {}", apt::by_hand(&PACKAGES))
    }

    fn get(&self) -> Result<()> {
        apt::install(&PACKAGES)
    }
}
