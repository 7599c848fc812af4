//! Finds the programs of PostgreSQL.

use std::path::PathBuf;
use std::process::Command;

use super::PostgresError;

/// Folders that hold a folder per version or package: Debian's, Red Hat's, Homebrew's on both
/// processors, and below each the place of the programs.
const HOMES: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", "bin"),
    ("/usr", "bin"),
    ("/opt/homebrew/opt", "bin"),
    ("/usr/local/opt", "bin"),
];

/// The oldest version that the schema works on.
const OLDEST: u32 = 14;

/// One installed version.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    /// `None` when they are in the `PATH`.
    folder: Option<PathBuf>,
    pub(super) major: u32,
}

/// What data need a certain version.
#[derive(Debug)]
pub(super) struct Needed {
    pub(super) major: u32,
    pub(super) folder: PathBuf,
}

impl Binaries {
    /// The version that existing data need, else the highest.
    pub(super) fn find(needed: Option<Needed>) -> Result<Self, PostgresError> {
        Self::choose(installed(), needed)
    }

    fn choose(mut installed: Vec<Self>, needed: Option<Needed>) -> Result<Self, PostgresError> {
        installed.sort_by_key(|found| found.major);
        let Some(highest) = installed.last() else {
            return Err(PostgresError::NotInstalled);
        };
        if highest.major < OLDEST {
            return Err(PostgresError::TooOld { installed: highest.major, oldest: OLDEST });
        }
        let Some(needed) = needed else {
            return Ok(highest.clone());
        };
        let fits = installed.iter().find(|found| found.major == needed.major).cloned();
        fits.ok_or_else(|| {
            let mut majors: Vec<_> =
                installed.iter().map(|found| found.major.to_string()).collect();
            majors.dedup();
            PostgresError::WrongVersion {
                folder: needed.folder,
                needed: needed.major,
                installed: majors.join(", "),
            }
        })
    }

    /// What to execute for `program`.
    pub(super) fn program(&self, program: &str) -> PathBuf {
        self.folder.as_ref().map_or_else(|| program.into(), |folder| folder.join(program))
    }
}

/// Every complete set of programs on this machine.
fn installed() -> Vec<Binaries> {
    let mut folders = vec![None];
    for (home, below) in HOMES {
        let packages = std::fs::read_dir(home).into_iter().flatten().flatten();
        let versions = packages.map(|package| package.path()).filter(|path| {
            home.ends_with("/postgresql")
                || path.file_name().is_some_and(|name| {
                    let name = name.to_string_lossy();
                    name.starts_with("postgresql") || name.starts_with("pgsql-")
                })
        });
        folders.extend(versions.map(|path| Some(path.join(below))));
    }
    folders.into_iter().filter_map(at).collect()
}

/// The programs in `folder`, when both that are needed answer.
fn at(folder: Option<PathBuf>) -> Option<Binaries> {
    let mut found = Binaries { folder, major: 0 };
    major_of(&found.program("initdb"))?;
    found.major = major_of(&found.program("postgres"))?;
    Some(found)
}

/// The major version that a program reports, from for instance `postgres (PostgreSQL) 15.14`.
fn major_of(program: &PathBuf) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    parse_major(&String::from_utf8_lossy(&output.stdout))
}

fn parse_major(version: &str) -> Option<u32> {
    let number = version.split("(PostgreSQL) ").nth(1)?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Binaries, Needed, parse_major};

    #[test]
    fn the_newest_is_chosen_unless_data_need_another() {
        let installed: Vec<_> =
            [16, 17, 15].map(|major| Binaries { folder: None, major }).into_iter().collect();
        let needed = |major| Some(Needed { major, folder: "data".into() });
        let chosen = |needed| Binaries::choose(installed.clone(), needed).map(|found| found.major);
        assert_eq!(chosen(None).unwrap(), 17);
        assert_eq!(chosen(needed(15)).unwrap(), 15);
        assert_eq!(
            chosen(needed(14)).unwrap_err().to_string(),
            "data was made by PostgreSQL 14, but installed is 15, 16, 17: install PostgreSQL 14, or \
             choose another folder with --data-dir"
        );
        assert_eq!(
            Binaries::choose(vec![Binaries { folder: None, major: 13 }], None)
                .unwrap_err()
                .to_string(),
            "PostgreSQL 13 is too old: install PostgreSQL 14 or newer, or set DATABASE_URL to use a \
             server elsewhere"
        );
        assert_eq!(
            Binaries::choose(vec![], None).unwrap_err().to_string(),
            "PostgreSQL is not installed: run deploy/run, which installs it, or set DATABASE_URL to \
             use a server elsewhere"
        );
    }

    #[test]
    fn versions_are_read_as_distributions_write_them() {
        let debian = "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n";
        assert_eq!(parse_major(debian), Some(15));
        assert_eq!(parse_major("initdb (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(parse_major("postgres: command not found"), None);
    }
}
