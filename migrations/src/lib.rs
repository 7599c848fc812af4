//! The schema: one forward-only list of migrations.
//!
//! To add one, see `README.md` in this folder.
//!
//! **Architecture Invariant:** migrations hold no data of a read model; those are built from the log.

use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};

// The folder itself; the macro takes no path that is only a dot.
static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// Brings the database up to date. Safe to run from several processes at once: an advisory lock lets
/// one through at a time, and the others find nothing to do.
pub async fn run(pool: &PgPool) -> Result<(), MigrateError> {
    MIGRATOR.run(pool).await
}

/// Differs whenever a migration was added or changed; hexadecimal.
pub fn fingerprint() -> String {
    // FNV-1a: it only has to differ, nobody forges migrations.
    let digest = MIGRATOR
        .iter()
        .flat_map(|migration| migration.checksum.iter())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{digest:016x}")
}
