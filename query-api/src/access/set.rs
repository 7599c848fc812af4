//! The active bans of all live streams, packed tightly.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use events::ban::ActionType;
use events::ids::StreamKey;
use events::{BanId, Timestamp};

/// Into how many parts the set is split. Each grows by itself, so that doubling never holds two
/// copies of the whole, and one is swept at a time, so that no look-up waits for more than 1/64 of it.
const SHARDS: usize = 64;

/// A ban in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveBan {
    /// Names it.
    pub id: BanId,
    /// From what it keeps its user.
    pub action_type: ActionType,
    /// When it ends by itself; never when `None`.
    pub until: Option<Timestamp>,
}

/// What the set knows of one user on one live stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No ban is in force.
    Free,
    /// This one is.
    Banned(ActiveBan),
    /// An event of theirs could not be read, so nothing can be said.
    Unreadable,
}

/// Active bans by the key that names their event stream: 18 bytes each, and no pointer.
#[derive(Debug)]
pub struct ActiveBans {
    shards: [RwLock<Shard>; SHARDS],
    next_swept: AtomicUsize,
}

type Shard = HashMap<StreamKey, Slot>;

impl Default for ActiveBans {
    fn default() -> Self {
        let shards = std::array::from_fn(|_| RwLock::default());
        Self { shards, next_swept: AtomicUsize::new(0) }
    }
}

impl ActiveBans {
    /// How `key` stands at `now`. A ban whose time has run out is none, swept or not.
    pub fn standing(&self, key: &StreamKey, now: Timestamp) -> Standing {
        match self.read(key).get(key).map(|slot| slot.unpack(*key)) {
            Some(Standing::Banned(ban)) if ban.until.is_some_and(|end| end <= now) => {
                Standing::Free
            }
            Some(standing) => standing,
            None => Standing::Free,
        }
    }

    /// Remembers `ban`, in the place of an earlier one of the same user on the same live stream.
    pub fn insert(&self, ban: ActiveBan) {
        let key = ban.id.stream_key();
        match self.write(&key).entry(key) {
            Entry::Vacant(place) => {
                place.insert(Slot::pack(ban));
            }
            Entry::Occupied(mut place) if *place.get() != Slot::UNREADABLE => {
                place.insert(Slot::pack(ban));
            }
            Entry::Occupied(_) => {}
        }
    }

    /// Forgets the ban `id`; a later one of the same user stays.
    pub fn remove(&self, id: BanId) {
        let key = id.stream_key();
        let mut shard = self.write(&key);
        if shard.get(&key).is_some_and(|slot| slot.ordinal() == id.ordinal()) {
            shard.remove(&key);
        }
    }

    /// From now on nothing is known of `key`.
    pub fn mark_unreadable(&self, key: StreamKey) {
        self.write(&key).insert(key, Slot::UNREADABLE);
    }

    /// Forgets everything.
    pub fn clear(&self) {
        for shard in &self.shards {
            shard.write().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// Drops what has run out at `now` from the next shard. The events that say so drop it too; this
    /// bounds the memory when they are late.
    pub fn sweep(&self, now: Timestamp) {
        let nth = self.next_swept.fetch_add(1, Ordering::Relaxed) % SHARDS;
        let mut shard = self.shards[nth].write().unwrap_or_else(PoisonError::into_inner);
        shard.retain(|_, slot| !slot.has_expired(now));
    }

    /// How many bans it holds, those that have run out but are not swept included.
    pub fn len(&self) -> usize {
        let held =
            |shard: &RwLock<Shard>| shard.read().unwrap_or_else(PoisonError::into_inner).len();
        self.shards.iter().map(held).sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn read(&self, key: &StreamKey) -> RwLockReadGuard<'_, Shard> {
        self.shards[shard_of(key)].read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, key: &StreamKey) -> RwLockWriteGuard<'_, Shard> {
        self.shards[shard_of(key)].write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A key is the start of a SHA-256, so any byte of it spreads evenly.
fn shard_of(key: &StreamKey) -> usize {
    usize::from(key[0]) % SHARDS
}

/// From the high bits down: 16 of the ban's ordinal, one that is set for `CHAT_ONLY`, 47 of the
/// milliseconds since 1970 at which it ends (enough until the year 6429). Bytes rather than a `u64`,
/// which would be padded to 24 beside its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot([u8; 8]);

const CHAT_ONLY: u64 = 1 << 47;
const NEVER: u64 = CHAT_ONLY - 1;

impl Slot {
    /// No ban has ordinal 0.
    const UNREADABLE: Self = Self(NEVER.to_be_bytes());

    fn pack(ban: ActiveBan) -> Self {
        let chat_only = match ban.action_type {
            ActionType::Block => 0,
            ActionType::ChatOnly => CHAT_ONLY,
        };
        let until = ban.until.map_or(NEVER, |end| {
            u64::try_from(end.to_utc().timestamp_millis()).unwrap_or(0).min(NEVER)
        });
        Self((u64::from(ban.id.ordinal()) << 48 | chat_only | until).to_be_bytes())
    }

    fn unpack(self, key: StreamKey) -> Standing {
        if self == Self::UNREADABLE {
            return Standing::Unreadable;
        }
        let chat_only = u64::from_be_bytes(self.0) & CHAT_ONLY != 0;
        Standing::Banned(ActiveBan {
            id: BanId::of(key, self.ordinal()),
            action_type: if chat_only { ActionType::ChatOnly } else { ActionType::Block },
            until: self.until(),
        })
    }

    fn ordinal(self) -> u16 {
        u16::from_be_bytes([self.0[0], self.0[1]])
    }

    fn until(self) -> Option<Timestamp> {
        let millis = u64::from_be_bytes(self.0) & NEVER;
        let ends = millis != NEVER;
        let at = i64::try_from(millis).ok().filter(|_| ends)?;
        chrono::DateTime::from_timestamp_millis(at).map(Timestamp::from)
    }

    fn has_expired(self, now: Timestamp) -> bool {
        self.until().is_some_and(|end| end <= now)
    }
}
