//! The ways to run a whole Docket, all of which must do the same.
//!
//! To add a rule that holds in every set-up: a function that is handed the [`SetUp`], and its line in
//! the macro [`suite`].

mod gateway;
pub(crate) mod ports;
mod services;

use std::sync::Arc;

use all_in_one::data_dir::DataDir;
use all_in_one::master_keys;
use all_in_one::private_postgres::PrivatePostgres;
use all_in_one::tokens::Issuer;
use event_log::LogReader;
use eventstore_stand_in::StandIn;
use projector::tree::log_key;
use sealing::MasterKeys;
use sqlx::PgPool;
use tempfile::TempDir;
use web::TokenConfig;

use crate::api::Api;
use crate::support::{Docket, command, data_dir};
use services::Services;

/// What a whole Docket is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetUp {
    /// One process over its private PostgreSQL.
    AllInOne,
    /// A process for each role, behind the gateway.
    Services,
    /// One process, whose log is in a stand-in of EventStoreDB.
    EventStore,
    /// A process for each role and one projector more, fed by Kafka, behind the gateway.
    KafkaFed,
}

/// A whole Docket that runs, or is about to run again.
pub(crate) struct Installation {
    data_dir: TempDir,
    event_store: Option<StandIn>,
    parts: Parts,
}

enum Parts {
    One(Option<Box<Docket>>),
    Many(Box<Services>),
}

/// A test of each rule in the set-up that the expression names.
macro_rules! suite {
    ($set_up:expr) => {
        $crate::set_ups::suite!($set_up;
            trail::a_ban_goes_through_both_dialects,
            trail::a_chat_ban_is_seen_in_the_other_dialect,
            trail::a_report_is_filed_queued_reviewed_and_counted,
            audit::history_tells_what_happened_and_why,
            dashboard::a_ban_is_commanded_in_the_dashboard_and_seen_there,
            feed::what_happens_is_told_through_a_kill_once,
            errors::in_the_allmine_dialect,
            errors::in_the_youtube_dialect,
            openapi::every_operation_asks_who_is_there,
            push::clients_are_told_of_bans,
            proof::the_checkpoint_covers_every_event_of_the_log,
            operations::tables_are_verified_and_rebuilt_beside_it,
            kill::what_was_acknowledged_survives_ten_kills_exactly_once,
            privacy::an_erased_person_s_texts_are_nowhere,
            privacy::what_was_written_before_an_erasure_is_gone,
        );
    };
    ($set_up:expr; $($area:ident :: $rule:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $rule() {
                $crate::$area::$rule($set_up).await;
            }
        )*
    };
}
pub(crate) use suite;

impl Installation {
    /// Starts it, and waits until it is ready.
    pub(crate) async fn start(set_up: SetUp) -> Self {
        let data_dir = data_dir();
        let parts = match set_up {
            SetUp::AllInOne | SetUp::EventStore => Parts::One(None),
            SetUp::Services => Parts::Many(Box::new(Services::prepare(data_dir.path()).await)),
            SetUp::KafkaFed => {
                Parts::Many(Box::new(Services::prepare_kafka_fed(data_dir.path()).await))
            }
        };
        let event_store = (set_up == SetUp::EventStore).then(|| StandIn::start().unwrap());
        let mut installation = Self { data_dir, event_store, parts };
        installation.begin().await;
        installation
    }

    /// Starts what was killed, and waits until it is ready.
    pub(crate) async fn begin(&mut self) {
        match &mut self.parts {
            Parts::One(docket) => {
                let folder = self.data_dir.path();
                let mut command = command(&["--listen", "127.0.0.1:0", "--data-dir"]);
                command.arg(folder).env("TRUSTED_PROXIES", "127.0.0.0/8");
                if let Some(event_store) = &self.event_store {
                    command.env("EVENT_LOG", &event_store.url);
                }
                *docket = Some(Box::new(Docket::begin(command, folder).await));
            }
            Parts::Many(services) => services.begin().await,
        }
    }

    /// Ends every process of it without a chance to tidy up. In some rounds its private PostgreSQL
    /// dies with it, before or after, and in the others EventStoreDB is started again.
    pub(crate) async fn kill(&mut self, round: usize) {
        match &mut self.parts {
            Parts::One(docket) => {
                let folder = self.data_dir.path();
                if round % 3 == 1 {
                    crate::kill::kill_postgres(folder);
                }
                docket.take().expect("it runs").kill().await;
                if round % 3 == 2 {
                    crate::kill::kill_postgres(folder);
                }
                if let (Some(event_store), 0) = (&self.event_store, round % 3) {
                    event_store.restart().await.unwrap();
                }
            }
            Parts::Many(services) => services.kill().await,
        }
    }

    /// Tells it to end, and sees that it does so in order.
    pub(crate) async fn stop(self) {
        match self.parts {
            Parts::One(docket) => assert!(docket.expect("it runs").stop().await.success()),
            Parts::Many(services) => services.stop().await,
        }
    }

    /// Its API, for whoever `demo.json` names.
    pub(crate) fn api(&self) -> Api {
        Api::of(&self.data_dir.path().join("demo.json"))
    }

    /// Who signs its tokens.
    pub(crate) fn issuer(&self) -> Issuer {
        let folder = DataDir::open(self.data_dir.path()).unwrap();
        Issuer::open(&folder, &TokenConfig::default()).unwrap()
    }

    /// What its texts are sealed under.
    pub(crate) fn master(&self) -> MasterKeys {
        MasterKeys::open(&self.data_dir.path().join(master_keys::FILE)).unwrap()
    }

    /// What its checkpoints are verified with.
    pub(crate) fn public_log_key(&self) -> String {
        log_key::show(&self.data_dir.path().join("log-key")).unwrap().remove(0)
    }

    /// The database as its owner, and its event log.
    pub(crate) async fn storage(&self) -> (PgPool, Arc<dyn LogReader>) {
        let (owner, log) = match &self.parts {
            Parts::One(_) => {
                let folder = self.data_dir.path().join("postgres");
                let urls = PrivatePostgres::running(&folder).unwrap().expect("docket runs it");
                let log = self.event_store.as_ref().map(|event_store| event_store.url.clone());
                (urls.owner, log.unwrap_or(urls.service))
            }
            Parts::Many(services) => services.storage(),
        };
        let log = event_log::open_reader(&log).await.unwrap();
        (PgPool::connect(&owner).await.unwrap(), log)
    }

    /// Where its Kafka is, and what its topics begin with, if it has one.
    pub(crate) fn kafka(&self) -> Option<(String, String)> {
        match &self.parts {
            Parts::One(_) => None,
            Parts::Many(services) => services.topics(),
        }
    }

    /// Runs a sub-command beside it; whether that succeeded, and its last line of complaint.
    pub(crate) async fn run(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = command(arguments);
        if let Parts::Many(services) = &self.parts {
            services.configure(&mut command);
        }
        if let Some(event_store) = &self.event_store {
            command.env("EVENT_LOG", &event_store.url);
        }
        command.arg("--data-dir").arg(self.data_dir.path());
        let (status, _, last) = crate::support::output(command).await;
        (status.success(), last)
    }
}
