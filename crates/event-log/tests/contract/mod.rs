//! What every engine must do, whatever it is made of.
//!
//! To put an engine to the test: a function in [`engines`] that makes an empty log, and a file of
//! three lines like `tests/memory.rs`.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the rules are tests; the macro below makes them so"
)]

pub(crate) mod appending;
pub(crate) mod concurrency;
pub(crate) mod engines;
pub(crate) mod given;
pub(crate) mod reading;
pub(crate) mod retrying;

/// A test of each rule for the engine that the expression makes: a future of a log and of whatever
/// must outlive it.
macro_rules! suite {
    ($make:expr) => {
        $crate::contract::suite!($make;
            appending::an_event_goes_where_it_is_expected,
            appending::events_of_one_append_stand_together,
            appending::a_conflict_tells_where_the_stream_is,
            appending::a_conflict_appends_nothing,
            appending::streams_do_not_conflict,
            appending::appending_nothing_checks_the_expectation,
            appending::content_comes_back_as_it_was,
            retrying::a_retry_is_recognised,
            retrying::a_retry_is_recognised_when_the_stream_has_moved_on,
            retrying::a_retry_of_several_events_is_recognised,
            retrying::a_refused_append_leaves_its_ids_free,
            retrying::an_id_is_used_once_in_the_whole_log,
            retrying::an_id_is_used_once_in_its_stream,
            retrying::an_id_is_used_once_in_its_append,
            retrying::an_append_that_is_half_there_is_refused,
            reading::streams_come_in_the_order_asked_for,
            reading::pages_follow_each_other,
            reading::events_are_found_by_their_positions,
            reading::what_lies_between_two_positions_is_read_as_it_is,
            reading::a_raw_read_is_bounded,
            reading::a_page_knows_whether_it_is_the_last,
            reading::there_is_nothing_after_the_head,
            reading::waiting_ends_when_the_log_grows,
            reading::waiting_ends_when_time_is_up,
            concurrency::of_many_first_appends_one_wins,
            concurrency::of_many_equal_appends_one_is_appended,
            concurrency::a_conflict_does_not_harm_its_neighbours,
            concurrency::readers_see_every_position_once_and_in_order,
        );
    };
    ($make:expr; $($area:ident :: $rule:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $rule() {
                let (log, _guard) = $make.await;
                $crate::contract::$area::$rule(log).await;
            }
        )*
    };
}
pub(crate) use suite;
