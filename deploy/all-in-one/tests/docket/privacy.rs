//! An erased person's texts are nowhere, and everything else is as it was.

mod places;
mod race;
mod scene;
mod topics;

use serde_json::{Value, json};

use crate::api::{Answer, Api};
use crate::set_ups::{Installation, SetUp};
use places::{places, tables};
pub(crate) use race::what_was_written_before_an_erasure_is_gone;
use scene::Scene;

const ERASURES: &str = "/api/v1/privacy/erasures";
const HOLDS: &str = "/api/v1/privacy/legal-holds";

async fn erase(api: &Api, person: &str) -> Answer {
    api.post("admin", ERASURES, &json!({"userId": person})).await
}

async fn succeeds(docket: &Installation, arguments: &[&str]) {
    let (succeeded, last) = docket.run(arguments).await;
    assert!(succeeded, "{arguments:?}: {last}");
}

/// Where each of these texts is, in the order of the texts.
async fn all_places(docket: &Installation, texts: &[String]) -> Vec<Vec<String>> {
    let mut all = vec![];
    for text in texts {
        all.push(places(docket, text).await);
    }
    all
}

pub(crate) async fn an_erased_person_s_texts_are_nowhere(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    let viewer = api.id("viewerId");
    let scene = Scene::play(&api, "first").await;
    let (his, others) = (scene.of_the_viewer(), scene.of_others());
    // What is looked for can be found, and the log, its archive and Kafka hold none of it.
    let before = all_places(&docket, &his).await;
    assert_eq!(before, scene::where_the_viewer_s_are(), "{his:?}");
    let elsewhere = all_places(&docket, &others).await;
    assert_eq!(elsewhere, scene::where_others_are(), "{others:?}");
    let access = format!("/api/v1/live-streams/{}/access/{viewer}", api.id("liveStreamId"));
    let allowed = api.get("service", &access).await.data().clone();
    assert_eq!(allowed["canWatch"], false);

    let erased = erase(&api, viewer).await;
    let certificate = erased.data();
    assert_eq!(erased.status, 201);
    assert_eq!(certificate["destroyedKeys"].as_array().unwrap().len(), 1);
    let scrubbed =
        json!({"bans": 1, "reports": 1, "users": 1, "parkedRecords": 0, "legalHolds": 0});
    assert_eq!(certificate["scrubbed"], scrubbed);
    gone(&docket, &his).await;
    let scrubbed = tables(&docket).await;
    succeeds(&docket, &["verify"]).await;
    succeeds(&docket, &["rebuild", "all"]).await;
    assert_eq!(tables(&docket).await, scrubbed, "a rebuild makes the very same tables");
    succeeds(&docket, &["verify"]).await;
    gone(&docket, &his).await;
    assert_eq!(all_places(&docket, &others).await, elsewhere, "other people's texts are there");

    // The ban is in force, without a word why.
    let checked = api.get("viewer", &scene.check).await;
    assert_eq!(checked.data()["isBanned"], true);
    assert_eq!(checked.data()["ban"]["reason"], Value::Null);
    assert_eq!(api.get("service", &access).await.data(), &allowed);
    let listed = api.get("auditor", &format!("{ERASURES}/{}", id(certificate))).await;
    let mut stored = certificate.clone();
    stored.as_object_mut().unwrap().remove("userId");
    assert_eq!(*listed.data(), stored);

    once_more(&docket, &api, &scene).await;
    docket.stop().await;
}

/// What comes after an erasure: it may be read, and be erased in its turn.
async fn once_more(docket: &Installation, api: &Api, scene: &Scene) {
    let viewer = api.id("viewerId");
    let again = erase(api, viewer).await;
    assert_eq!(again.data()["destroyedKeys"], json!([]));
    let later = Scene::report(api, "later").await;
    let found = places(docket, &later).await;
    assert_eq!(found, ["audit", "projections.reports"], "a later text has a key of its own");
    succeeds(docket, &["verify"]).await;

    // While it is held, nobody erases it.
    let hold = format!("{HOLDS}/{viewer}");
    let placed = api.put("admin", &hold, &json!({"reason": "case 17"})).await;
    let since = placed.data()["placedAt"].as_str().unwrap().to_owned();
    let refused = erase(api, viewer).await;
    assert!(refused.errors(409)[1].contains(&since), "{refused:?}");
    assert_eq!(places(docket, &later).await, found);
    api.delete("admin", &hold).await.data();
    assert_eq!(erase(api, viewer).await.data()["destroyedKeys"].as_array().unwrap().len(), 1);
    gone(docket, &[later]).await;
    let others = all_places(docket, &scene.of_others()).await;
    assert_eq!(others, scene::where_others_are());
}

async fn gone(docket: &Installation, texts: &[String]) {
    for text in texts {
        assert_eq!(places(docket, text).await, [""; 0], "{text}");
    }
}

fn id(certificate: &Value) -> &str {
    certificate["erasureId"].as_str().unwrap()
}
