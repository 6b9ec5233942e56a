//! Instructions of a bench, which runs itself in a process of its own under valgrind's callgrind.

use std::{
    env, fs, io,
    path::Path,
    process::{Command, Output},
};

/// Whether valgrind is installed; says so if it is not.
pub(crate) fn is_installed() -> bool {
    let is_installed = Command::new("valgrind").arg("--version").output().is_ok();
    if !is_installed {
        println!("SKIPPED: instructions are counted by valgrind, which is not installed");
    }
    is_installed
}

/// The instructions that the function `measured` of this bench takes, when it is called with `args`.
pub(crate) fn count(bench: &str, args: &[&str]) -> io::Result<u64> {
    let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{bench}.callgrind"));
    let Output { status, stderr, .. } = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--toggle-collect=*{bench}*measured*"))
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(env::current_exe()?)
        .args(args)
        .output()?;
    assert!(status.success(), "{args:?}: {}", String::from_utf8_lossy(&stderr));
    let profile = fs::read_to_string(profile)?;
    let total = profile
        .lines()
        .find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
    Ok(total
        .filter(|&total| total > 0)
        .expect("callgrind has counted something"))
}
