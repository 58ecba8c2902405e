//! The files of the site, and under which addresses the page asks for them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use super::bindgen::NAME;
use super::{Effort, memo, pack};
use crate::say;

/// `assets.json`: addresses relative to the studio's own. The query changes with the content, so whatever is
/// asked for with its query may be kept for ever.
#[derive(Debug, PartialEq, Serialize)]
struct Addresses {
    js: String,
    wasm: String,
    css: String,
}

/// Every file, by its path in the site.
pub struct Site {
    files: BTreeMap<String, Vec<u8>>,
}

impl Site {
    /// Brings the parts together: the folder that wasm-bindgen filled, the style sheet, the public files.
    pub fn new(bound: PathBuf, style: String, public: &Path) -> Result<Site> {
        let mut files = BTreeMap::new();
        collect(public, "", &mut files)?;
        collect(&bound, "pkg/", &mut files)?;
        name_assets(&mut files, style)?;
        Ok(Site { files })
    }

    /// Changes whenever any file does.
    pub fn stamp(&self, effort: Effort) -> String {
        let parts = self.files.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]);
        format!("{effort:?} {}", memo::key(&parts.collect::<Vec<_>>()))
    }

    /// Writes all files, and the packed ones beside them.
    pub fn write(&self, folder: &Path, effort: Effort) -> Result<()> {
        for (name, bytes) in &self.files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
            fs::write(&path, bytes)?;
            if effort == Effort::Small && pack::worthwhile(name, bytes) {
                let packed = pack::pack(name, bytes)?;
                fs::write(folder.join(format!("{name}.br")), packed.brotli)?;
                fs::write(folder.join(format!("{name}.gz")), packed.gzip)?;
            }
        }
        Ok(())
    }

    /// What each file of the page weighs, plain and packed.
    pub fn sizes(&self, effort: Effort) -> Result<Vec<(String, String)>> {
        let of_the_page = self.files.iter().filter(|(name, _)| name.starts_with("pkg/"));
        of_the_page
            .map(|(name, bytes)| {
                let plain = say::size(bytes.len());
                if effort == Effort::Quick || !pack::worthwhile(name, bytes) {
                    return Ok((short(name), plain));
                }
                let packed = pack::pack(name, bytes)?;
                let (brotli, gzip) = (say::size(packed.brotli.len()), say::size(packed.gzip.len()));
                Ok((short(name), format!("{plain}, brotli {brotli}, gzip {gzip}")))
            })
            .collect()
    }
}

fn short(name: &str) -> String {
    name.trim_start_matches("pkg/").to_owned()
}

/// Gives the three assets their names and addresses. The script's own mention of the wasm gets the query too,
/// so that whoever loads the script without a word about the wasm shares the copy in the browser's cache.
fn name_assets(files: &mut BTreeMap<String, Vec<u8>>, style: String) -> Result<()> {
    let bound = format!("{NAME}_bg.wasm");
    let wasm = files.remove(&format!("pkg/{bound}")).context("wasm-bindgen made no wasm")?;
    let (wasm_path, js_path, css_path) =
        (format!("pkg/{NAME}.wasm"), format!("pkg/{NAME}.js"), format!("pkg/{NAME}.css"));
    let wasm_query = query(&wasm);
    let script = files.remove(&js_path).context("wasm-bindgen made no script")?;
    let script = String::from_utf8(script).context("wasm-bindgen's script is text")?;
    if !script.contains(&bound) {
        bail!("the script of wasm-bindgen does not name {bound}");
    }
    let script = script.replace(&bound, &format!("{NAME}.wasm{wasm_query}")).into_bytes();
    let addresses = Addresses {
        js: js_path.clone() + &query(&script),
        wasm: wasm_path.clone() + &wasm_query,
        css: css_path.clone() + &query(style.as_bytes()),
    };
    files.insert("assets.json".into(), serde_json::to_vec_pretty(&addresses)?);
    files.insert(js_path, script);
    files.insert(wasm_path, wasm);
    files.insert(css_path, style.into_bytes());
    Ok(())
}

fn query(bytes: &[u8]) -> String {
    format!("?v={}", memo::key(&[bytes]))
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()));
    for entry in entries? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(wasm: &[u8], style: &str) -> BTreeMap<String, Vec<u8>> {
        let script = b"new URL('pentimento_bg.wasm', import.meta.url)".to_vec();
        let mut files = BTreeMap::from([
            ("pkg/pentimento_bg.wasm".to_owned(), wasm.to_vec()),
            ("pkg/pentimento.js".to_owned(), script),
        ]);
        name_assets(&mut files, style.to_owned()).unwrap();
        files
    }

    fn address(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
        let json: serde_json::Value = serde_json::from_slice(&files["assets.json"]).unwrap();
        json[name].as_str().unwrap().to_owned()
    }

    #[test]
    fn the_script_asks_for_the_wasm_under_the_pages_address() {
        let files = named(b"wasm", "");
        let script = String::from_utf8(files["pkg/pentimento.js"].clone()).unwrap();
        let wasm = address(&files, "wasm");
        assert!(script.contains(wasm.trim_start_matches("pkg/")), "{script} does not name {wasm}");
    }

    #[test]
    fn an_address_changes_with_what_it_names_and_only_then() {
        let (first, other_wasm, other_style) = (named(b"1", "a"), named(b"2", "a"), named(b"1", "b"));
        assert_ne!(address(&first, "wasm"), address(&other_wasm, "wasm"));
        assert_ne!(address(&first, "js"), address(&other_wasm, "js"));
        assert_eq!(address(&first, "css"), address(&other_wasm, "css"));
        assert_eq!(address(&first, "js"), address(&other_style, "js"));
        assert_ne!(address(&first, "css"), address(&other_style, "css"));
    }
}
