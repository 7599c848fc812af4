//! What a verification says to people and scripts.

use std::fmt;

use super::{Difference, Verification};

/// A line for each table: its name, whether it is the same, how many rows it has, its digest and
/// where in the log it stands. Below one that differs, the first row that does.
impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, (table, live)) in self.live.iter().enumerate() {
            let line = if nth == 0 { "" } else { "\n" };
            let verdict = if self.differs(table) { "differs" } else { "same" };
            let (rows, sum, position) = (live.rows, &live.sum, self.position);
            write!(f, "{line}{table}: {verdict}, {rows} rows, digest {sum}, position {position}")?;
            let replayed = self.replayed.get(table).filter(|replayed| *replayed != live);
            if let Some(replayed) = replayed {
                write!(f, "; replayed: {} rows, digest {}", replayed.rows, replayed.sum)?;
            }
            if let Some(difference) = self.differences.get(table) {
                write!(f, "\n{difference}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  first differing row:")?;
        for (nth, (column, value)) in self.key.iter().enumerate() {
            let comma = if nth == 0 { "" } else { "," };
            write!(f, "{comma} {column} = {value:?}")?;
        }
        match (&self.live, &self.replayed) {
            (Some(live), Some(replayed)) => {
                let differing =
                    live.iter().zip(replayed).filter(|(live, replayed)| live != replayed);
                for ((column, live), (_, replayed)) in differing {
                    write!(
                        f,
                        "\n    {column}: live {}, replayed {}",
                        Value(live),
                        Value(replayed)
                    )?;
                }
                Ok(())
            }
            (Some(row), None) => {
                write!(f, "\n    surplus: the live table has it, and the log does not make it")?;
                write_row(f, "live", row)
            }
            (None, Some(row)) => {
                write!(f, "\n    missing: the log makes it, and the live table does not have it")?;
                write_row(f, "replayed", row)
            }
            (None, None) => Ok(()),
        }
    }
}

fn write_row(
    f: &mut fmt::Formatter<'_>,
    whose: &str,
    row: &[(String, Option<String>)],
) -> fmt::Result {
    row.iter().try_for_each(|(column, value)| write!(f, "\n    {column}: {whose} {}", Value(value)))
}

/// A column's value: as text in quotes, so that each stays on its line, or null.
struct Value<'a>(&'a Option<String>);

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(text) => write!(f, "{text:?}"),
            None => write!(f, "null"),
        }
    }
}
