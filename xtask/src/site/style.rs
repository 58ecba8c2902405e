//! The style sheet: the files of `style/`, one after the other.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// What must come before the rest: the design tokens, then the plain elements.
const FIRST: [&str; 2] = ["tokens.css", "base.css"];

/// All `.css` files of a folder as one: the ones that come first, then the others by name.
pub fn assemble(folder: &Path) -> Result<String> {
    let mut names = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()));
    for entry in entries? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".css") {
            names.push(name);
        }
    }
    names.sort_by(|a, b| rank(a).cmp(&rank(b)));
    let mut sheet = String::new();
    for name in names {
        let text =
            fs::read_to_string(folder.join(&name)).with_context(|| format!("could not read {name}"))?;
        sheet.push_str(text.trim_end());
        sheet.push('\n');
    }
    Ok(sheet)
}

fn rank(name: &str) -> (usize, &str) {
    (FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len()), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_first_then_base_then_the_rest_by_name() {
        let mut names = ["studio.css", "base.css", "canvas.css", "tokens.css"];
        names.sort_by(|a, b| rank(a).cmp(&rank(b)));
        assert_eq!(names, ["tokens.css", "base.css", "canvas.css", "studio.css"]);
    }
}
