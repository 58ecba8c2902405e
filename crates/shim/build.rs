//! Compiles what is said in C++; `cuda.cpp` where libtorch has CUDA and CUDA's own headers are at hand. Without them
//! the crate says that there is no GPU.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rustc-check-cfg=cfg(cuda)");
    for file in ["guarded.h", "lanes.h", "cuda.cpp"] {
        println!("cargo:rerun-if-changed=src/{file}");
    }
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    println!("cargo:rerun-if-env-changed=CUDA_HOME");
    // `target/libtorch` is a link; the packages lie beside what it leads to.
    let named = env::var_os("LIBTORCH").expect("LIBTORCH names no folder: `cargo xtask setup` prepares one");
    let torch = fs::canonicalize(&named).expect("LIBTORCH is no folder: `cargo xtask setup` prepares one");
    for name in ["packed", "attention", "norm", "stored", "inference"] {
        println!("cargo:rerun-if-changed=src/{name}.cpp");
        compile(&torch, name, None);
    }
    let lib = torch.join("lib");
    println!("cargo:rustc-link-search=native={}", lib.display());
    link(&["torch_cpu", "c10"]);
    if !lib.join("libtorch_cuda.so").is_file() {
        return;
    }
    let Some(headers) = headers(&torch) else {
        println!(
            "cargo:warning=libtorch has CUDA, but cuda_runtime_api.h was not found: name a toolkit in CUDA_HOME"
        );
        return;
    };
    compile(&torch, "cuda", Some(&headers));
    link(&["torch_cuda", "c10_cuda"]);
    println!("cargo:rustc-cfg=cuda");
}

fn compile(torch: &Path, name: &str, headers: Option<&Path>) {
    let include = torch.join("include");
    let mut build = cc::Build::new();
    // libtorch shares work among threads by OpenMP, in its headers; it brings the library.
    if build.get_compiler().is_like_gnu() {
        build.flag("-fopenmp");
        link(&["gomp"]);
    }
    build
        .cpp(true)
        .std("c++17")
        .warnings(false)
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .includes(headers)
        .file(format!("src/{name}.cpp"))
        .compile(&format!("pentimento_{name}"));
}

fn link(libraries: &[&str]) {
    for library in libraries {
        println!("cargo:rustc-link-lib={library}");
    }
}

/// Of a toolkit, or of the wheels that PyTorch's wheel brings.
fn headers(torch: &Path) -> Option<PathBuf> {
    let toolkit = env::var_os("CUDA_HOME").map(|home| PathBuf::from(home).join("include"));
    let wheel = torch.parent().map(|packages| packages.join("nvidia/cu13/include"));
    let usual = Some(PathBuf::from("/usr/local/cuda/include"));
    let mut places = [toolkit, Some(torch.join("include")), wheel, usual].into_iter().flatten();
    places.find(|folder| folder.join("cuda_runtime_api.h").is_file())
}
