//! The schema: one forward-only list of migrations.
