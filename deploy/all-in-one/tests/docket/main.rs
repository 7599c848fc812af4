//! The program from outside: started, used, stopped and killed as its users would.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

mod api;
mod audit;
mod dashboard;
mod degraded;
mod errors;
mod feed;
mod first_try;
mod kill;
mod master_keys;
mod memory;
mod openapi;
mod operations;
mod privacy;
mod proof;
mod push;
mod set_ups;
mod shutdown;
mod sub_commands;
mod support;
mod switch;
mod tamper;
mod trail;

mod all_in_one_process {
    crate::set_ups::suite!(crate::set_ups::SetUp::AllInOne);
}

mod three_services {
    crate::set_ups::suite!(crate::set_ups::SetUp::Services);
}

mod event_store {
    crate::set_ups::suite!(crate::set_ups::SetUp::EventStore);
}

mod kafka_fed {
    crate::set_ups::suite!(crate::set_ups::SetUp::KafkaFed);
}
