//! Packages of Debian and its kin, where they may be installed without a password.

use std::process::Command;

use super::announce::announce;
use crate::process::{command, find_on_path, first_line, run, succeeds};
use crate::{Error, Result};

/// Installs `packages`, after saying so and for what.
///
/// # Errors
/// [`Error::Unavailable`] with the command to type, where there is no apt-get or it needs a password or fails.
pub fn install(packages: &[&str], why: &str) -> Result<()> {
    let list = packages.join(" ");
    let unavailable = || Error::Unavailable {
        what: format!("the package {list}"),
        advice: format!("install it by hand: sudo apt-get install {list}"),
    };
    let rights = Rights::find().ok_or_else(unavailable)?;
    announce(&format!("installing the Debian packages {list} (outside this repository): {why}"));
    let install = || run(rights.apt_get().args(["install", "--yes", "--no-install-recommends"]).args(packages));
    // A fresh machine has no package lists yet, and an old one may have lists that name files long gone.
    install().or_else(|_| run(rights.apt_get().arg("update")).and_then(|()| install())).map_err(|_| unavailable())
}

/// The way in which this user may install packages.
#[derive(Clone, Copy)]
enum Rights {
    Root,
    Sudo,
}

impl Rights {
    fn find() -> Option<Self> {
        find_on_path("apt-get")?;
        if first_line(command("id").arg("-u")).as_deref() == Some("0") {
            return Some(Self::Root);
        }
        // -n: never ask for a password.
        succeeds(command("sudo").args(["-n", "true"])).then_some(Self::Sudo)
    }

    fn apt_get(self) -> Command {
        match self {
            Self::Root => {
                let mut apt_get = command("apt-get");
                apt_get.env("DEBIAN_FRONTEND", "noninteractive");
                apt_get
            }
            Self::Sudo => {
                let mut apt_get = command("sudo");
                apt_get.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
                apt_get
            }
        }
    }
}
