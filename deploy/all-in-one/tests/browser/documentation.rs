//! The page about the API.

use crate::page::Look;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_documentation_needs_nothing_from_elsewhere() {
    let world = World::start().await;
    let page = world.open(Look::DESK).await;
    page.at("/docs/").await;
    page.see_text("/api/v1/live-stream-ban/check").await;
    page.close().await;
}
