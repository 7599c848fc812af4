//! The YouTube dialect's parameters, partial answers and etags.

use serde_json::{Map, Value};
use web::youtube::etag;

use crate::support::{app, get_request, send};

async fn get(query: &str) -> Value {
    send(&app().await, get_request(&format!("/youtube/v3/whoami?{query}"))).await
}

#[tokio::test]
async fn an_answer_holds_the_parts_asked_for() {
    insta::assert_json_snapshot!(get("part=id,snippet").await, @r#"
    {
      "body": {
        "etag": "uHiwpD3O80haMUVGhMiQHT2kYI4",
        "id": "17",
        "kind": "test#resource",
        "snippet": {
          "list": [
            {
              "a": 1,
              "b": 2
            },
            {
              "a": 3,
              "b": 4
            }
          ],
          "platform": null,
          "type": "temporary"
        }
      },
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json; charset=UTF-8",
        "etag": "\"uHiwpD3O80haMUVGhMiQHT2kYI4\"",
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
        "x-request-id": "request-1"
      },
      "status": 200
    }
    "#);
    let whole = get("part=id,snippet").await["body"].clone();
    let same = [
        "part=snippet&part=id",
        "part=id%2C%20snippet",
        "part=+id+,,snippet,",
        "part=id&part=&part=snippet,id",
        "part=id,snippet&alt=json&key=k&quotaUser=q&%24.xgafv=2&uploadType=u&upload_protocol=p&userIp=1",
    ];
    for query in same {
        assert_eq!(get(query).await["body"], whole, "{query}");
    }
    let id = get("part=id").await["body"].clone();
    assert_eq!(id.as_object().unwrap().keys().collect::<Vec<_>>(), ["etag", "id", "kind"]);
    assert_eq!(id["etag"], whole["etag"]);
}

#[tokio::test]
async fn fields_select_from_the_answer() {
    let mut answers = Map::new();
    for fields in [
        "id",
        "id,snippet(type)",
        "id,snippet/type",
        "snippet(type,list/a)",
        "snippet/list(a),snippet/type",
        "snippet,snippet/type",
        "snippet/type,snippet",
        "*",
        "*/type",
        "nothing",
        " id , snippet ( type ) ",
    ] {
        let encoded: String = form_urlencoded::byte_serialize(fields.as_bytes()).collect();
        let answer = get(&format!("part=id,snippet&fields={encoded}")).await;
        answers.insert(fields.to_owned(), answer["body"].clone());
    }
    insta::assert_json_snapshot!(answers);
}

#[tokio::test]
async fn bad_parameters_are_refused() {
    let mut answers = Map::new();
    let deep = format!("part=id&fields={}", "a(".repeat(2000));
    let path = format!("part=id&fields={}a", "a/".repeat(2000));
    for query in [
        "",
        "part=",
        "part=+,+",
        "part=id,contentDetails",
        "part=ID",
        "part=id&alt=media",
        "part=id&prettyPrint=maybe",
        "part=id&callback=f",
        "part=id&id=17",
        "part=id&fields=",
        "part=id&fields=id,",
        "part=id&fields=snippet(type",
        "part=id&fields=snippet)type",
        "part=id&fields=snippet(type)id",
        "part=id&fields=/id",
        "part=id%00",
        &deep,
        &path,
    ] {
        let answer = get(query).await;
        assert_eq!(answer["status"], 400, "{query}");
        let name = query.get(..60).unwrap_or(query);
        answers.insert(name.to_owned(), answer["body"]["error"]["errors"].clone());
    }
    insta::assert_json_snapshot!(answers);
}

#[tokio::test]
async fn answers_and_errors_are_pretty_unless_asked_not_to_be() {
    use axum::body::to_bytes;
    use tower::ServiceExt;
    for path in ["whoami?part=id", "whoami?part=no"] {
        for (suffix, lines) in
            [("", true), ("&prettyPrint=true", true), ("&prettyPrint=false", false)]
        {
            let request = get_request(&format!("/youtube/v3/{path}{suffix}"));
            let answer = app().await.oneshot(request).await.unwrap();
            let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            assert_eq!(body.contains(&b'\n'), lines, "{path}{suffix}");
        }
    }
}

#[test]
fn an_etag_is_27_characters_of_a_hash() {
    assert_eq!(etag(b"{}"), "RBNvo1WzZ4oRRq0W9-hknpT7T8I");
    assert_eq!(etag(b"{}").len(), 27);
}
