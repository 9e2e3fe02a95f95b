//! `cargo xtask demo`: build the page and serve it.

use crate::setup::PageBuild;
use crate::site::{self, Site};
use crate::{Result, dist_dir, page, process};

/// How the demo is served.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Loopback port to serve on; the next free one is taken if it is in use
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,

    /// Open the page in the default browser
    #[arg(long)]
    open: bool,
}

/// Sets up what is missing, builds the page and serves it until Ctrl-C.
///
/// # Errors
/// What cannot be set up or built, or that no port is free.
pub fn run(options: &Options) -> Result<()> {
    page::build(&PageBuild::ensure()?)?;
    let listener = site::listen(options.port)?;
    let address = listener.local_addr().map_err(crate::Error::file("the loopback port"))?;
    println!("Emblem is at http://{address}/ (Ctrl-C stops it)");
    if options.open && !open(&format!("http://{address}/")) {
        println!("No browser could be opened: open the address by hand.");
    }
    Site::new(dist_dir()).serve(listener);
    Ok(())
}

fn open(address: &str) -> bool {
    let (program, before): (_, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start"]),
        _ => ("xdg-open", &[]),
    };
    process::succeeds(process::command(program).args(before).arg(address))
}
