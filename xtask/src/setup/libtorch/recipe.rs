//! Which files of which wheels make a libtorch.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::shell;

/// PyTorch, and the two packages whose libraries its CPU library is linked to, at the versions it asks for.
pub const PACKAGES: [&str; 3] =
    ["torch==2.11.0", "nvidia-cuda-runtime==13.0.96", "nvidia-cuda-cupti==13.0.85"];

/// Files without which a folder is no libtorch.
pub const PROOF: [&str; 3] =
    ["include/torch/csrc/api/include/torch/torch.h", "lib/libtorch_cpu.so", "lib/libtorch.so"];

const LIBRARIES: [&str; 5] =
    ["libtorch_cpu.so", "libc10.so", "libgomp.so.1", "libcudart.so.13", "libcupti.so.13"];

/// Where a wheel's file goes in the libtorch folder; `None` for what is not needed.
pub fn place(entry: &str) -> Option<PathBuf> {
    if entry.ends_with('/') || entry.split('/').any(|part| part == "..") {
        return None;
    }
    if let Some(header) = entry.strip_prefix("torch/include/") {
        return Some(Path::new("include").join(header));
    }
    let (folder, file) = entry.rsplit_once('/')?;
    let kept = LIBRARIES.contains(&file) && (folder == "torch/lib" || folder.starts_with("nvidia/"));
    kept.then(|| Path::new("lib").join(file))
}

/// Makes `libtorch.so`, which programs are linked to: it holds nothing and names `libtorch_cpu.so`. The wheel's
/// own names the CUDA library too.
pub fn link_facade(lib: &Path) -> Result<()> {
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-nostartfiles", "-x", "c", "/dev/null", "-x", "none", "-o", "libtorch.so"]);
    compiler.args(["-L.", "-Wl,--no-as-needed", "-l:libtorch_cpu.so", "-Wl,--as-needed"]);
    compiler.args(["-Wl,-rpath,$ORIGIN", "-Wl,-soname,libtorch.so", "-Wl,--allow-shlib-undefined"]);
    compiler.current_dir(lib);
    shell::run(&mut compiler, "link libtorch.so")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_the_cpu_libraries_are_kept() {
        assert_eq!(place("torch/include/ATen/ATen.h"), Some("include/ATen/ATen.h".into()));
        assert_eq!(place("torch/lib/libtorch_cpu.so"), Some("lib/libtorch_cpu.so".into()));
        assert_eq!(place("nvidia/cu13/lib/libcudart.so.13"), Some("lib/libcudart.so.13".into()));
    }

    #[test]
    fn python_and_the_gpu_libraries_are_left() {
        for entry in
            ["torch/lib/libtorch_cuda.so", "torch/nn/modules/conv.py", "torch/lib/", "torch/lib/libtorch.so"]
        {
            assert_eq!(place(entry), None, "{entry}");
        }
    }

    #[test]
    fn no_entry_leaves_the_folder() {
        assert_eq!(place("torch/include/../../../etc/passwd"), None);
    }
}
