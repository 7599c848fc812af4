//! Whether an id occurs twice, at 16 bytes of memory for each.

use ulid::Ulid;

/// Ids in one run: one allocation of 1 MiB.
const RUN: usize = 1 << 16;

/// All ids so far, in sorted runs.
#[derive(Debug, Default)]
pub struct Ids {
    runs: Vec<Vec<u128>>,
    open: Vec<u128>,
}

impl Ids {
    /// Adds an id.
    pub fn add(&mut self, id: Ulid) {
        if self.open.capacity() == 0 {
            self.open.reserve_exact(RUN);
        }
        self.open.push(id.0);
        if self.open.len() == RUN {
            self.close();
        }
    }

    fn close(&mut self) {
        let mut run = std::mem::take(&mut self.open);
        run.sort_unstable();
        self.runs.push(run);
    }

    /// Every id that was added more than once, in order.
    pub fn repeated(mut self) -> Vec<Ulid> {
        self.close();
        let mut repeated = vec![];
        let mut last = None;
        let mut heads: std::collections::BinaryHeap<_> = (0..self.runs.len())
            .filter_map(|run| Some(std::cmp::Reverse((*self.runs[run].first()?, run, 0))))
            .collect();
        while let Some(std::cmp::Reverse((id, run, at))) = heads.pop() {
            if last == Some(id) && repeated.last() != Some(&Ulid(id)) {
                repeated.push(Ulid(id));
            }
            last = Some(id);
            if let Some(next) = self.runs[run].get(at + 1) {
                heads.push(std::cmp::Reverse((*next, run, at + 1)));
            }
        }
        repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn across_runs() {
        let mut ids = Ids::default();
        let all = 3 * RUN as u128;
        // Neither ascending nor descending: 5 has no factor in common with the number of ids.
        for nth in 0..all {
            ids.add(Ulid(nth * 5 % all));
        }
        for id in [7, all - 1, 7] {
            ids.add(Ulid(id));
        }
        assert_eq!(ids.repeated(), [Ulid(7), Ulid(all - 1)]);
        assert_eq!(Ids::default().repeated(), []);
    }
}
