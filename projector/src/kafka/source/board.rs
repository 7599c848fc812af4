//! What health and metrics say of the members of this process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use service::{Check, Health};

use super::share::Share;

/// The name of the check in the health report.
const CHECK: &str = "partitions";

/// What this process does for a projection.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    /// In a few words.
    state: String,
    /// Whether that is as it should be.
    #[serde(skip)]
    well: bool,
    /// The partitions that are this process's.
    assigned: Vec<i32>,
    /// Those of them that cannot be read on, and why.
    refused: BTreeMap<i32, String>,
    /// How many records were put aside that are no events, by whichever process.
    foreign_records: i64,
}

/// Where members write down what they do. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Board(Arc<Mutex<BTreeMap<&'static str, Standing>>>);

/// One projection's place on the board.
#[derive(Debug)]
pub(super) struct Place {
    board: Board,
    projection: &'static str,
    shown: Mutex<Vec<i32>>,
}

impl Board {
    /// Has `health` ask the board.
    pub(super) fn register(&self, health: &Health) {
        let board = self.clone();
        health.register(CHECK, move || board.check());
    }

    pub(super) fn place(&self, projection: &'static str) -> Place {
        Place { board: self.clone(), projection, shown: Mutex::default() }
    }

    fn check(&self) -> Check {
        let standings = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let ok = standings.values().all(|standing| standing.well && standing.refused.is_empty());
        Check { ok, detail: serde_json::json!(standings) }
    }
}

impl Place {
    /// The member is at work on these partitions, which end at `ends`.
    pub(super) fn working(
        &self,
        shares: &BTreeMap<i32, Share>,
        ends: &[i64],
        foreign_records: i64,
    ) {
        let refused =
            |(number, share): (&i32, &Share)| Some((*number, share.refusal()?.to_owned()));
        self.set(Standing {
            state: "at work".to_owned(),
            well: true,
            assigned: shares.keys().copied().collect(),
            refused: shares.iter().filter_map(refused).collect(),
            foreign_records,
        });
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        // What another member has now is not this one's to count.
        for gone in shown.iter().filter(|number| !shares.contains_key(number)) {
            self.measure(*gone, 0);
        }
        *shown = shares.keys().copied().collect();
        for (number, share) in shares {
            let end = usize::try_from(*number).ok().and_then(|place| ends.get(place));
            let end = end.copied().unwrap_or(share.landed.next_offset);
            self.measure(*number, (end - share.landed.next_offset).max(0));
        }
    }

    /// The member does nothing, for this reason, which is well or not.
    pub(super) fn idle(&self, why: &str, well: bool) {
        self.working(&BTreeMap::new(), &[], 0);
        self.set(Standing { state: why.to_owned(), well, ..Standing::default() });
    }

    /// What is new among the reasons not to work is told at once.
    fn set(&self, standing: Standing) {
        let mut standings = self.board.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = standings.get(self.projection);
        let projection = self.projection;
        for (partition, reason) in &standing.refused {
            if before.and_then(|before| before.refused.get(partition)) != Some(reason) {
                tracing::error!(projection, partition, reason, "a partition cannot be read on");
            }
        }
        standings.insert(projection, standing);
    }

    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; exact up to 2^53 records")]
    fn measure(&self, partition: i32, lag: i64) {
        let labels =
            [("projection", self.projection.to_owned()), ("partition", partition.to_string())];
        metrics::gauge!("docket_partition_lag_records", &labels).set(lag as f64);
    }
}
