//! The words that `cargo xtask` understands.

use clap::{Args, Parser, Subcommand};

/// Pentimento's one door: sets up what is missing, builds, runs, tests and measures.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Start with `cargo xtask run`. What it has to fetch lies in the cache folder (~/.cache/pentimento, or where
XDG_CACHE_HOME says) and is fetched once.

Environment:
  PENTIMENTO_LIBTORCH   a libtorch 2.11.0 of your own, for instance one with CUDA (LIBTORCH works too)
  PENTIMENTO_CHROMIUM   the browser for the tests
  PENTIMENTO_PYTHON2    a Python 2.7 with Autobahn's test suite"
)]
pub struct Cli {
    #[command(subcommand)]
    pub word: Word,
}

#[derive(Subcommand)]
pub enum Word {
    /// Open the studio: set up, build and start the server
    ///
    /// Further flags go to the server, for instance `--model FOLDER`, `--data FOLDER` or `--tile-ttl SECONDS`;
    /// `cargo xtask run -- --help` lists them.
    Run {
        /// Address to listen on; 0.0.0.0 opens the studio to the LAN and shows a QR code for a phone
        #[arg(long)]
        host: Option<String>,
        /// Port to listen on; 0 leaves the choice to the system
        #[arg(long)]
        port: Option<u16>,
        /// Flags for the server
        #[arg(value_name = "SERVER FLAGS", trailing_var_arg = true, allow_hyphen_values = true)]
        server: Vec<String>,
    },
    /// Run all tests: native ones, then those in a real browser
    ///
    /// The last line of the output is the sum, `N passed, N failed`.
    Test(Choice),
    /// Build the site and the server, in release mode
    Build {
        /// Build only what the browser loads (target/site)
        #[arg(long)]
        site_only: bool,
    },
    /// Run the studio, and rebuild and restart it when a source file changes
    Dev {
        /// Flags for the server
        #[arg(value_name = "SERVER FLAGS", trailing_var_arg = true, allow_hyphen_values = true)]
        server: Vec<String>,
    },
    /// Measure a promise, for instance `bench preview` or `bench click`
    Bench {
        /// The program in crates/bench/src/bin
        name: String,
        /// Flags for it; `--json` prints one JSON line
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Make a picture with any checkpoint, without a server (`cargo xtask sample --help` lists the flags)
    #[command(disable_help_flag = true)]
    Sample {
        /// Flags, such as --model, --prompt and --out
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Train the model that ships (passes everything on to crates/trainer)
    Train {
        /// Flags for the trainer
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Ask the server's WebSockets the questions of Autobahn's test suite
    ///
    /// It needs a Python 2.7 for which `pip install autobahntestsuite` was done; PENTIMENTO_PYTHON2 says which.
    Autobahn,
    /// Fetch whatever building, running and testing need, and build nothing
    Setup,
    /// Say what is there, what is missing and how to get it
    Doctor,
}

/// Which tests.
#[derive(Args, Clone)]
pub struct Choice {
    /// Only the native tests
    #[arg(long, conflicts_with = "browser")]
    pub native: bool,
    /// Only the tests in a browser
    #[arg(long)]
    pub browser: bool,
    /// Only tests whose name contains this
    pub filter: Option<String>,
    /// Flags for the one runner chosen: `cargo test` with --native, `playwright test` with --browser
    #[arg(last = true)]
    pub further: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_words_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_run_does_not_know_goes_to_the_server() {
        let cli = Cli::parse_from(["xtask", "run", "--host", "0.0.0.0", "--tile-ttl", "60"]);
        let Word::Run { host, server, .. } = cli.word else { panic!("run was asked for") };
        assert_eq!((host.as_deref(), server), (Some("0.0.0.0"), vec!["--tile-ttl".into(), "60".into()]));
        let cli = Cli::parse_from(["xtask", "run", "--", "--host", "0.0.0.0"]);
        let Word::Run { host, server, .. } = cli.word else { panic!("run was asked for") };
        assert_eq!((host, server), (None, vec!["--host".into(), "0.0.0.0".into()]));
    }
}
