//! The services as separate processes, behind the gateway.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use all_in_one::data_dir::DataDir;
use all_in_one::demo::{self, Demo};
use all_in_one::master_keys;
use all_in_one::tokens::Issuer;
use projector::tree::log_key;
use sealing::MasterKeys;
use serde_json::Value;
use service::{Clock, SystemClock};
use testing::Database;
use tokio::process::{Child, Command};

use super::gateway::Gateway;
use super::ports::free_address;
use crate::support::{command, end, is_ready};

/// The services and what they share.
pub(super) struct Services {
    database: Database,
    data_dir: PathBuf,
    gateway: Gateway,
    roles: Vec<Role>,
    kafka: Vec<(&'static str, String)>,
}

/// One process, running or not.
struct Role {
    name: &'static str,
    listen: SocketAddr,
    child: Option<Child>,
}

impl Services {
    /// Three services, the projector of which reads the log.
    pub(super) async fn prepare(data_dir: &Path) -> Self {
        Self::of(data_dir, &["command-api", "query-api", "projector"], vec![]).await
    }

    /// With two projectors, which are fed by Kafka.
    pub(super) async fn prepare_kafka_fed(data_dir: &Path) -> Self {
        let roles = ["command-api", "query-api", "projector", "projector"];
        let kafka = vec![
            ("KAFKA_BROKERS", testing::kafka::brokers()),
            ("KAFKA_TOPIC_PREFIX", testing::kafka::prefix()),
            ("PROJECTOR_SOURCE", "kafka".to_owned()),
        ];
        Self::of(data_dir, &roles, kafka).await
    }

    /// Everything but the processes: a database, tokens, the demonstration, the gateway.
    async fn of(
        data_dir: &Path,
        roles: &[&'static str],
        kafka: Vec<(&'static str, String)>,
    ) -> Self {
        let database = Database::create().await;
        let folder = DataDir::open(data_dir).unwrap();
        let issuer = Issuer::open(&folder, &web::TokenConfig::default()).unwrap();
        demo::seed(&database.url).await.unwrap();
        let master = MasterKeys::generate("test").unwrap();
        folder.write_secret(master_keys::FILE, master.as_bytes()).unwrap();
        log_key::generate("docket.test/log", &data_dir.join("log-key")).unwrap();
        let role = |name: &&'static str| Role { name, listen: free_address(), child: None };
        let roles: Vec<Role> = roles.iter().map(role).collect();
        let gateway = Gateway::start(data_dir, roles[0].listen, roles[1].listen).await;
        let demo = Demo::new(gateway.url(), String::new(), &issuer, SystemClock.now());
        demo.unwrap().write(&folder).unwrap();
        let data_dir = data_dir.to_path_buf();
        Self { database, data_dir, gateway, roles, kafka }
    }

    /// Starts every service, and waits until all are ready.
    pub(super) async fn begin(&mut self) {
        let command_api = format!("http://{}", self.roles[0].listen);
        for role in &mut self.roles {
            let mut command = command(&[role.name]);
            command.env("LISTEN", role.listen.to_string());
            // The projector's metrics are where it listens.
            command.env("METRICS_LISTEN", "127.0.0.1:0");
            command.env("DATABASE_URL", &self.database.url);
            command.env("JWT_PUBLIC_KEY_FILE", self.data_dir.join("token-key.pub.pem"));
            command.envs([("JWT_ALGORITHM", "ES256")]);
            command.envs([("JWT_ISSUER", "docket"), ("JWT_AUDIENCE", "docket")]);
            command.env("TRUSTED_PROXIES", "127.0.0.0/8");
            command.env("MASTER_KEY_FILE", self.data_dir.join(master_keys::FILE));
            command.env("LOG_KEY_FILE", self.data_dir.join("log-key"));
            command.env("CHECKPOINT_WITNESS", self.data_dir.join("checkpoint"));
            command.envs(self.kafka.iter().map(|(name, value)| (name, value)));
            command.env("COMMAND_API_URL", &command_api);
            role.child = Some(command.spawn().unwrap());
        }
        for role in &self.roles {
            is_ready(role.name, role.listen).await;
        }
        if !self.kafka.is_empty() {
            self.partitions_are_shared_out().await;
        }
    }

    /// Waits until every partition is read by one of the projectors, for each projection.
    async fn partitions_are_shared_out(&self) {
        let projectors = self.roles.iter().filter(|role| role.name == "projector");
        let urls: Vec<String> =
            projectors.map(|role| format!("http://{}/health/ready", role.listen)).collect();
        testing::eventually("all partitions to be read", async || {
            let mut assigned: BTreeMap<String, usize> = BTreeMap::new();
            for url in &urls {
                let health: Value = reqwest::get(url).await.ok()?.json().await.ok()?;
                for (name, standing) in health["checks"]["partitions"]["detail"].as_object()? {
                    let read = standing["assigned"].as_array()?.len();
                    *assigned.entry(name.clone()).or_default() += read;
                }
            }
            (assigned.len() == projector::all().len()
                && assigned.values().all(|count| *count == 12))
            .then_some(())
        })
        .await;
    }

    /// Ends every service without a chance to tidy up.
    pub(super) async fn kill(&mut self) {
        for role in &mut self.roles {
            role.child.take().expect("it runs").kill().await.unwrap();
        }
    }

    /// Tells every service to end, and sees that it does so in order.
    pub(super) async fn stop(mut self) {
        for role in &mut self.roles {
            let ended = end(role.child.as_mut().expect("it runs")).await;
            assert!(ended.success(), "{}: {ended}", role.name);
        }
        self.gateway.stop().await;
    }

    /// The database as its owner, and the event log.
    pub(super) fn storage(&self) -> (String, String) {
        (self.database.owner_url.clone(), self.database.url.clone())
    }

    /// Where Kafka is, and what its topics begin with, if it is there.
    pub(super) fn topics(&self) -> Option<(String, String)> {
        let of = |name: &str| {
            let found = self.kafka.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| value.clone())
        };
        Some((of("KAFKA_BROKERS")?, of("KAFKA_TOPIC_PREFIX")?))
    }

    /// Tells a sub-command where everything is.
    pub(super) fn configure(&self, command: &mut Command) {
        command.env("DATABASE_URL", &self.database.url);
        command.env("MIGRATION_DATABASE_URL", &self.database.owner_url);
    }
}
