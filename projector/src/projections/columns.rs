//! Rows as the columns that `unnest` takes.

/// One field of every row.
pub(super) fn column<R: Copy, T>(rows: &[R], field: impl Fn(R) -> T) -> Vec<T> {
    rows.iter().map(|row| field(*row)).collect()
}
