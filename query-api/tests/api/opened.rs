//! What auditors are shown of sealed texts.

use event_log::{Position, RecordedEvent};
use events::Sealed;
use query_api::audit::opened::{Opened, open};
use sealing::store::of_subjects;
use sealing::{MasterKeys, Place, SubjectKey};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use testing::Database;
use ulid::Ulid;

struct Sealer {
    database: Database,
    master: MasterKeys,
}

impl Sealer {
    async fn new() -> Self {
        let master = MasterKeys::parse(&MasterKeys::generate("test").unwrap()).unwrap();
        Self { database: Database::create().await, master }
    }

    async fn key(&self, person: &str) -> SubjectKey {
        let mut keys = of_subjects(&self.database.pool, &self.master, &[person]).await.unwrap();
        keys.remove(person).unwrap()
    }

    async fn open(&self, events: &[RecordedEvent]) -> Vec<Opened> {
        open(&self.database.pool, &self.master, events).await.unwrap()
    }

    async fn forget(&self, person: &str) {
        sqlx::query("DELETE FROM privacy.subject_keys WHERE subject = $1")
            .bind(person)
            .execute(&self.database.pool)
            .await
            .unwrap();
    }
}

/// An event with this number, in whose metadata this is sealed.
fn event(nth: u128, data: &Value, sealed: &Value) -> RecordedEvent {
    RecordedEvent {
        position: Position(1),
        stream: "ban-1".into(),
        version: 1,
        id: Ulid(nth),
        event_type: "BanCreated".into(),
        schema_version: 1,
        recorded_at: chrono::DateTime::UNIX_EPOCH,
        data: to_raw_value(data).unwrap(),
        metadata: to_raw_value(&json!({"actor": "a", "sealed": sealed})).unwrap(),
    }
}

/// `text`, sealed for this field of the event with this number.
fn sealed(key: &SubjectKey, nth: u128, field: &str, text: &str) -> Value {
    let place = Place { event_id: Ulid(nth), event_type: "BanCreated", schema_version: 1, field };
    json!(Sealed::new(key.id(), &key.seal(place, text).unwrap()))
}

#[tokio::test]
async fn texts_stand_in_their_usual_places_while_their_keys_are_there() {
    let sealer = Sealer::new().await;
    let (banned, actor) = (sealer.key("banned").await, sealer.key("actor").await);
    let texts = json!({
        "reason": sealed(&banned, 1, "reason", "çok kötü"),
        "requestFingerprint": sealed(&banned, 1, "requestFingerprint", "9f86"),
        "clientIp": sealed(&actor, 1, "clientIp", "10.0.0.1"),
        "userAgent": sealed(&actor, 1, "userAgent", "Test/1"),
        "deviceId": sealed(&actor, 1, "deviceId", "d-1"),
    });
    let mut plain = event(2, &json!({"banId": "b", "reason": "old"}), &json!({}));
    plain.metadata = to_raw_value(&json!({"actor": "a", "clientIp": "10.0.0.2"})).unwrap();
    let events = [event(1, &json!({"banId": "b"}), &texts), plain];

    let old = Opened {
        data: json!({"banId": "b", "reason": "old"}),
        metadata: json!({"actor": "a", "clientIp": "10.0.0.2"}),
    };
    let opened = Opened {
        data: json!({"banId": "b", "reason": "çok kötü"}),
        metadata: json!({"actor": "a", "requestFingerprint": "9f86", "clientIp": "10.0.0.1",
            "userAgent": "Test/1", "deviceId": "d-1"}),
    };
    assert_eq!(sealer.open(&events).await, [opened, old.clone()]);

    sealer.forget("banned").await;
    let half = Opened {
        data: json!({"banId": "b"}),
        metadata: json!({"actor": "a", "clientIp": "10.0.0.1", "userAgent": "Test/1",
            "deviceId": "d-1", "erased": ["reason", "requestFingerprint"]}),
    };
    assert_eq!(sealer.open(&events).await, [half, old.clone()]);

    sealer.forget("actor").await;
    let nothing = Opened {
        data: json!({"banId": "b"}),
        metadata: json!({"actor": "a",
            "erased": ["clientIp", "deviceId", "reason", "requestFingerprint", "userAgent"]}),
    };
    assert_eq!(sealer.open(&events).await, [nothing, old]);
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_the_rest_is_shown() {
    let sealer = Sealer::new().await;
    let (key, gone) = (sealer.key("person").await, sealer.key("gone").await);
    let whole = sealed(&key, 1, "clientIp", "10.0.0.1");
    let changed = |text: &Value| {
        let text = text.as_str().unwrap();
        let last = if text.ends_with('A') { "B" } else { "A" };
        json!(format!("{}{last}", &text[..text.len() - 1]))
    };
    let with_reason =
        |reason: Value| event(1, &json!({}), &json!({"reason": reason, "clientIp": whole}));
    let broken = [
        // Moved here from another event, from another field, changed, cut off, replaced.
        with_reason(sealed(&key, 2, "reason", "of another event")),
        with_reason(sealed(&key, 1, "userAgent", "of another field")),
        with_reason(changed(&sealed(&key, 1, "reason", "changed"))),
        with_reason(json!(format!("{}.", key.id()))),
        with_reason(json!("no sealed text")),
        with_reason(json!({"no": "text"})),
        // Another key's.
        with_reason(json!(Sealed::new(key.id(), "AAAA"))),
    ];
    let expected = Opened {
        data: json!({}),
        metadata: json!({"actor": "a", "clientIp": "10.0.0.1", "broken": ["reason"]}),
    };
    for (nth, opened) in sealer.open(&broken).await.into_iter().enumerate() {
        assert_eq!(opened, expected, "{nth}");
    }

    let odd = [
        // Nothing of ours has such a text, nor a text in two places, nor such a list.
        event(1, &json!({}), &json!({"shoeSize": sealed(&key, 1, "shoeSize", "44")})),
        event(
            1,
            &json!({"reason": "plain"}),
            &json!({"reason": sealed(&key, 1, "reason", "sealed")}),
        ),
        event(1, &json!({}), &json!("nonsense")),
        event(1, &json!([]), &json!({"reason": sealed(&key, 1, "reason", "nowhere")})),
    ];
    let named = |data: Value, name: &str| Opened {
        data,
        metadata: json!({"actor": "a", "broken": [name]}),
    };
    let expected = [
        named(json!({}), "shoeSize"),
        named(json!({"reason": "plain"}), "reason"),
        named(json!({}), "sealed"),
        named(json!([]), "reason"),
    ];
    assert_eq!(sealer.open(&odd).await, expected);

    // Of two texts one may be erased and the other be broken.
    sealer.forget("gone").await;
    let both = event(
        1,
        &json!({}),
        &json!({
            "reason": sealed(&gone, 1, "reason", "gone"),
            "userAgent": sealed(&key, 1, "deviceId", "moved"),
        }),
    );
    let metadata = json!({"actor": "a", "erased": ["reason"], "broken": ["userAgent"]});
    assert_eq!(sealer.open(&[both]).await, [Opened { data: json!({}), metadata }]);
}

#[tokio::test]
async fn without_the_master_key_nothing_passes_for_erased() {
    let mut sealer = Sealer::new().await;
    let key = sealer.key("person").await;
    let event = event(1, &json!({}), &json!({"reason": sealed(&key, 1, "reason", "text")}));
    sealer.master = MasterKeys::parse(&MasterKeys::generate("other").unwrap()).unwrap();
    let error = open(&sealer.database.pool, &sealer.master, &[event]).await.unwrap_err();
    assert_eq!(error.to_string(), "a person's key cannot be used");
}
