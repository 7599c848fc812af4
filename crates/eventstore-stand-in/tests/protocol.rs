//! What the stand-in answers, asked with the protocol itself.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::HashMap;
use std::time::Duration;

use eventstore_stand_in::StandIn;
use eventstore_stand_in::protocol::streams::append_req::options::ExpectedStreamRevision as Expected;
use eventstore_stand_in::protocol::streams::append_req::{self, ProposedMessage};
use eventstore_stand_in::protocol::streams::append_resp::success::PositionOption;
use eventstore_stand_in::protocol::streams::append_resp::wrong_expected_version::CurrentRevisionOption;
use eventstore_stand_in::protocol::streams::append_resp::{Result as Outcome, Success};
use eventstore_stand_in::protocol::streams::read_req::Options;
use eventstore_stand_in::protocol::streams::read_req::options::all_options::AllOption;
use eventstore_stand_in::protocol::streams::read_req::options::filter_options::{
    Expression, Filter,
};
use eventstore_stand_in::protocol::streams::read_req::options::{
    AllOptions, CountOption, FilterOption, FilterOptions, Position, StreamOption, StreamOptions,
    SubscriptionOptions, stream_options::RevisionOption,
};
use eventstore_stand_in::protocol::streams::read_resp::Content;
use eventstore_stand_in::protocol::streams::streams_client::StreamsClient;
use eventstore_stand_in::protocol::streams::{AppendReq, ReadReq, ReadResp};
use eventstore_stand_in::protocol::{Empty, StreamIdentifier, Uuid, uuid};
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};

async fn client(server: &StandIn) -> StreamsClient<Channel> {
    StreamsClient::connect(format!("http://{}", server.address())).await.unwrap()
}

fn identifier(name: &str) -> StreamIdentifier {
    StreamIdentifier { stream_name: name.as_bytes().to_vec() }
}

async fn append(
    client: &mut StreamsClient<Channel>,
    stream: &str,
    expected: Expected,
    ids: &[u64],
) -> Outcome {
    let options = append_req::Options {
        stream_identifier: Some(identifier(stream)),
        expected_stream_revision: Some(expected),
    };
    let mut messages = vec![AppendReq { content: Some(append_req::Content::Options(options)) }];
    messages.extend(ids.iter().map(|id| {
        let id = uuid::Value::Structured(uuid::Structured {
            most_significant_bits: -1,
            least_significant_bits: id.cast_signed(),
        });
        let message = ProposedMessage {
            id: Some(Uuid { value: Some(id) }),
            metadata: HashMap::from([("type".to_owned(), "Happened".to_owned())]),
            ..ProposedMessage::default()
        };
        AppendReq { content: Some(append_req::Content::ProposedMessage(message)) }
    }));
    let answer = client.append(futures_util::stream::iter(messages)).await.unwrap();
    answer.into_inner().result.unwrap()
}

fn position(outcome: &Outcome) -> u64 {
    match outcome {
        Outcome::Success(Success {
            position_option: Some(PositionOption::Position(position)),
            ..
        }) => position.commit_position,
        other => panic!("{other:?}"),
    }
}

fn current(outcome: &Outcome) -> Option<u64> {
    let Outcome::WrongExpectedVersion(wrong) = outcome else { panic!("{outcome:?}") };
    match wrong.current_revision_option.as_ref().unwrap() {
        CurrentRevisionOption::CurrentRevision(revision) => Some(*revision),
        CurrentRevisionOption::CurrentNoStream(_) => None,
    }
}

fn all(from: AllOption, backwards: bool, count: CountOption) -> Options {
    let all = AllOptions { all_option: Some(from) };
    Options {
        stream_option: Some(StreamOption::All(all)),
        read_direction: i32::from(backwards),
        count_option: Some(count),
        ..Options::default()
    }
}

fn stream(name: &str, from: RevisionOption, backwards: bool, count: u64) -> Options {
    let stream =
        StreamOptions { stream_identifier: Some(identifier(name)), revision_option: Some(from) };
    Options {
        stream_option: Some(StreamOption::Stream(stream)),
        read_direction: i32::from(backwards),
        count_option: Some(CountOption::Count(count)),
        ..Options::default()
    }
}

async fn read(
    client: &mut StreamsClient<Channel>,
    options: Options,
) -> Result<Streaming<ReadResp>, Status> {
    let answers = client.read(ReadReq { options: Some(options) }).await?;
    Ok(answers.into_inner())
}

/// What comes next, in a few words; `None` at the end.
async fn next(answers: &mut Streaming<ReadResp>) -> Option<String> {
    let next = tokio::time::timeout(Duration::from_secs(20), answers.message());
    let content = next.await.unwrap().unwrap()?.content.unwrap();
    Some(match content {
        Content::Event(event) => {
            let event = event.event.unwrap();
            let stream = event.stream_identifier.unwrap().stream_name;
            format!("{} {}", String::from_utf8(stream).unwrap(), event.stream_revision)
        }
        Content::Confirmation(_) => "confirmed".to_owned(),
        Content::CaughtUp(_) => "caught up".to_owned(),
        Content::StreamNotFound(_) => "no stream".to_owned(),
        other => format!("{other:?}"),
    })
}

async fn rest(mut answers: Streaming<ReadResp>) -> Vec<String> {
    let mut rest = vec![];
    while let Some(next) = next(&mut answers).await {
        rest.push(next);
    }
    rest
}

const NO_STREAM: Expected = Expected::NoStream(Empty {});

#[tokio::test]
async fn the_same_ids_at_the_place_expected_succeed_again() {
    let server = StandIn::start().unwrap();
    let client = &mut client(&server).await;
    let first = append(client, "a", NO_STREAM, &[1, 2]).await;
    append(client, "a", Expected::Revision(1), &[3]).await;

    let again = append(client, "a", NO_STREAM, &[1, 2]).await;
    assert_eq!(position(&again), position(&first));
    let part = append(client, "a", NO_STREAM, &[1]).await;
    assert!(position(&part) < position(&first));
    for other in [&[1, 9][..], &[9, 2], &[2, 1], &[1, 2, 9], &[1, 2, 3, 4], &[]] {
        let refused = append(client, "a", NO_STREAM, other).await;
        assert_eq!(current(&refused), Some(2), "{other:?}");
    }
    // Elsewhere, an id is as good as new.
    position(&append(client, "b", NO_STREAM, &[1]).await);
    position(&append(client, "a", Expected::Revision(2), &[1]).await);
}

#[tokio::test]
async fn expected_revisions_are_compared() {
    let server = StandIn::start().unwrap();
    let client = &mut client(&server).await;
    for expected in [Expected::Revision(0), Expected::StreamExists(Empty {})] {
        assert_eq!(current(&append(client, "a", expected, &[1]).await), None);
    }
    position(&append(client, "a", Expected::Any(Empty {}), &[1]).await);
    for expected in [NO_STREAM, Expected::Revision(1), Expected::Revision(u64::MAX)] {
        assert_eq!(current(&append(client, "a", expected, &[2]).await), Some(0));
    }
    position(&append(client, "a", Expected::StreamExists(Empty {}), &[2]).await);
    position(&append(client, "a", Expected::Any(Empty {}), &[2]).await);
    assert_eq!(server.log().iter().filter(|(stream, ..)| stream == "a").count(), 2);
}

#[tokio::test]
async fn streams_and_the_whole_log_are_read_in_both_directions() {
    let server = StandIn::start().unwrap();
    let client = &mut client(&server).await;
    let mut positions = vec![];
    for (name, id) in [("a", 1), ("b", 2), ("a", 3)] {
        positions.push(position(&append(client, name, Expected::Any(Empty {}), &[id]).await));
    }
    let start = || RevisionOption::Start(Empty {});
    let end = || RevisionOption::End(Empty {});
    for (options, expected) in [
        (stream("a", start(), false, 9), &["a 0", "a 1"][..]),
        (stream("a", start(), false, 1), &["a 0"]),
        (stream("a", RevisionOption::Revision(1), false, 9), &["a 1"]),
        (stream("a", RevisionOption::Revision(2), false, 9), &[]),
        (stream("a", end(), true, 9), &["a 1", "a 0"]),
        (stream("a", RevisionOption::Revision(0), true, 9), &["a 0"]),
        (stream("c", start(), false, 9), &["no stream"]),
        (stream("c", end(), true, 1), &["no stream"]),
    ] {
        assert_eq!(rest(read(client, options).await.unwrap()).await, expected);
    }
    let at = |position| {
        AllOption::Position(Position { commit_position: position, prepare_position: position })
    };
    let count = CountOption::Count(9);
    let forwards = ["$users 0", "a 0", "b 0", "a 1", "$stats-127.0.0.1:2113 0"];
    let begin = AllOption::Start(Empty {});
    let found = rest(read(client, all(begin, false, count)).await.unwrap()).await;
    assert_eq!(found, forwards);
    let found = rest(read(client, all(at(positions[1]), false, count)).await.unwrap()).await;
    assert_eq!(found, forwards[2..], "what is there comes first");
    let found = rest(read(client, all(at(positions[1]), true, count)).await.unwrap()).await;
    assert_eq!(found, ["a 0", "$users 0"], "what is there does not come");
    let last = AllOption::End(Empty {});
    let found = rest(read(client, all(last, true, CountOption::Count(2))).await.unwrap()).await;
    assert_eq!(found, [forwards[4], forwards[3]]);
    for nowhere in [positions[1] + 1, 1 << 40] {
        let refused = read(client, all(at(nowhere), false, count)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{nowhere}");
    }
}

#[tokio::test]
async fn a_subscription_tells_what_is_there_and_what_comes_until_it_is_ended() {
    let server = StandIn::start().unwrap();
    let client = &mut client(&server).await;
    append(client, "a", NO_STREAM, &[1]).await;
    append(client, "b", NO_STREAM, &[2]).await;
    let subscription = CountOption::Subscription(SubscriptionOptions {});
    let expression = Expression { regex: String::new(), prefix: vec!["a".to_owned()] };
    let options = FilterOptions {
        filter: Some(Filter::StreamIdentifier(expression)),
        ..FilterOptions::default()
    };
    let filtered = Options {
        filter_option: Some(FilterOption::Filter(options)),
        ..all(AllOption::Start(Empty {}), false, subscription)
    };
    let mut filtered = read(client, filtered).await.unwrap();
    let live = all(AllOption::End(Empty {}), false, subscription);
    let mut live = read(client, live).await.unwrap();
    for expected in ["confirmed", "a 0", "caught up"] {
        assert_eq!(next(&mut filtered).await.as_deref(), Some(expected));
    }
    for expected in ["confirmed", "caught up"] {
        assert_eq!(next(&mut live).await.as_deref(), Some(expected));
    }
    append(client, "b", Expected::Revision(0), &[3]).await;
    append(client, "a", Expected::Revision(0), &[4]).await;
    assert_eq!(next(&mut filtered).await.as_deref(), Some("a 1"));
    assert_eq!(next(&mut live).await.as_deref(), Some("b 1"));

    assert_eq!(server.subscriptions(), 2);
    server.end_subscriptions();
    assert_eq!(rest(filtered).await, [""; 0], "with the status OK");
}
