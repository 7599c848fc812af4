//! What many records do to one table, in as few statements as keep their order.

use std::collections::HashMap;
use std::hash::Hash;

use events::Timestamp;

/// Snapshots, then removals. Of one id, what is in a later step comes later.
#[derive(Debug)]
pub(super) struct Step<T, I> {
    pub(super) puts: Vec<T>,
    pub(super) removals: Vec<(I, Timestamp)>,
}

/// Steps, which are as many as the most often removed id needs.
#[derive(Debug)]
pub(super) struct Steps<T, I> {
    steps: Vec<Step<T, I>>,
    /// In which step the last record of each id is, and whether that removes it.
    last: HashMap<I, (usize, bool)>,
}

impl<T, I> Default for Steps<T, I> {
    fn default() -> Self {
        Self { steps: Vec::new(), last: HashMap::new() }
    }
}

impl<T, I: Clone + Eq + Hash> Steps<T, I> {
    /// A snapshot.
    pub(super) fn put(&mut self, id: &I, snapshot: T) {
        let nth = self.last.get(id).map_or(0, |(nth, removed)| nth + usize::from(*removed));
        self.last.insert(id.clone(), (nth, false));
        self.step(nth).puts.push(snapshot);
    }

    /// A removal.
    pub(super) fn remove(&mut self, id: &I, at: Timestamp) {
        let nth = self.last.get(id).map_or(0, |(nth, _)| *nth);
        self.last.insert(id.clone(), (nth, true));
        self.step(nth).removals.push((id.clone(), at));
    }

    /// In the order in which they are to be taken.
    pub(super) fn all(&self) -> &[Step<T, I>] {
        &self.steps
    }

    fn step(&mut self, nth: usize) -> &mut Step<T, I> {
        while self.steps.len() <= nth {
            self.steps.push(Step { puts: Vec::new(), removals: Vec::new() });
        }
        &mut self.steps[nth]
    }
}

#[cfg(test)]
mod tests {
    use super::Steps;

    #[test]
    fn order_is_kept_for_each_id_and_statements_are_shared() {
        let at = "2026-01-15T10:00:00.000Z".parse().unwrap();
        let mut steps: Steps<&str, &str> = Steps::default();
        steps.put(&"a", "a1");
        steps.remove(&"b", at);
        steps.put(&"a", "a2");
        steps.remove(&"a", at);
        steps.put(&"b", "b1");
        steps.put(&"a", "a3");
        steps.remove(&"a", at);
        steps.remove(&"a", at);
        let taken = steps.all().iter().map(|step| {
            (step.puts.clone(), step.removals.iter().map(|(id, _)| *id).collect::<Vec<_>>())
        });
        let expected = [(vec!["a1", "a2"], vec!["b", "a"]), (vec!["b1", "a3"], vec!["a", "a"])];
        assert_eq!(taken.collect::<Vec<_>>(), expected);
    }
}
