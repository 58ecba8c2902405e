//! Compiles the shim where libtorch has CUDA and CUDA's own headers are at hand; without them the crate says that
//! there is no GPU.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rustc-check-cfg=cfg(cuda)");
    println!("cargo:rerun-if-changed=src/shim.cpp");
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    println!("cargo:rerun-if-env-changed=CUDA_HOME");
    // `target/libtorch` is a link; the packages lie beside what it leads to.
    let Some(torch) = env::var_os("LIBTORCH").and_then(|torch| fs::canonicalize(torch).ok()) else { return };
    let lib = torch.join("lib");
    if !lib.join("libtorch_cuda.so").is_file() {
        return;
    }
    let Some(headers) = headers(&torch) else {
        println!(
            "cargo:warning=libtorch has CUDA, but cuda_runtime_api.h was not found: name a toolkit in CUDA_HOME"
        );
        return;
    };
    let include = torch.join("include");
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .warnings(false)
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .include(headers)
        .file("src/shim.cpp")
        .compile("pentimento_cuda");
    println!("cargo:rustc-link-search=native={}", lib.display());
    for library in ["torch_cuda", "c10_cuda", "torch_cpu", "c10"] {
        println!("cargo:rustc-link-lib={library}");
    }
    println!("cargo:rustc-cfg=cuda");
}

/// Of a toolkit, or of the wheels that PyTorch's wheel brings.
fn headers(torch: &Path) -> Option<PathBuf> {
    let toolkit = env::var_os("CUDA_HOME").map(|home| PathBuf::from(home).join("include"));
    let wheel = torch.parent().map(|packages| packages.join("nvidia/cu13/include"));
    let usual = Some(PathBuf::from("/usr/local/cuda/include"));
    let mut places = [toolkit, Some(torch.join("include")), wheel, usual].into_iter().flatten();
    places.find(|folder| folder.join("cuda_runtime_api.h").is_file())
}
