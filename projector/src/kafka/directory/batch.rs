//! Records that land together.

use std::collections::BTreeMap;

use super::Partition;
use super::record::Record;

/// Records in one transaction at most.
const MOST: usize = 500;
/// Bytes of them in memory, about, after which no more are added.
const MOST_BYTES: usize = 4 << 20;

/// Records, in the order of each partition.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) records: Vec<Record>,
    bytes: usize,
}

impl Batch {
    pub(super) fn of(record: Record) -> Self {
        let mut batch = Self::default();
        batch.push(record);
        batch
    }

    pub(super) fn push(&mut self, record: Record) {
        self.bytes += record.size();
        self.records.push(record);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= MOST || self.bytes >= MOST_BYTES
    }

    /// Leaves out what is of these partitions.
    pub(super) fn leave(&mut self, partitions: &[Partition]) {
        self.records.retain(|record| !partitions.contains(&record.partition));
    }

    /// The offset behind the last record of each partition.
    pub(super) fn ends(&self) -> BTreeMap<Partition, i64> {
        self.records.iter().map(|record| (record.partition, record.offset + 1)).collect()
    }
}
