//! The gateway that the deployments have, before processes of this machine.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::ports::free_address;
use crate::support::end;

/// An nginx with the routes of `deploy/gateway`.
pub(super) struct Gateway {
    child: Child,
    listen: SocketAddr,
}

impl Gateway {
    /// Starts it in a folder below `data_dir`.
    pub(super) async fn start(data_dir: &Path, commands: SocketAddr, queries: SocketAddr) -> Self {
        let listen = free_address();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway");
        let folder = data_dir.join("gateway");
        fs::create_dir(&folder).unwrap();
        let mut routes = fs::read_to_string(source.join("default.conf.template")).unwrap();
        let openapi = source.join("../../openapi.json");
        for (word, value) in [
            ("${LISTEN}", listen.to_string()),
            ("${COMMAND_API}", commands.to_string()),
            ("${QUERY_API}", queries.to_string()),
            ("${PUSH_API}", queries.to_string()),
            ("${OPENAPI}", openapi.canonicalize().unwrap().display().to_string()),
            ("${ACCESS_LOG}", "/dev/null".to_owned()),
            ("${NGINX_LOCAL_RESOLVERS}", "127.0.0.1".to_owned()),
        ] {
            routes = routes.replace(word, &value);
        }
        fs::write(folder.join("default.conf"), routes).unwrap();
        fs::copy(source.join("nginx.conf"), folder.join("nginx.conf")).unwrap();
        let child = Command::new("nginx")
            .args(["-e", "stderr", "-c", "nginx.conf", "-p"])
            .arg(folder.join(""))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("nginx is installed: run deploy/test");
        testing::eventually("the gateway to listen", async || {
            TcpStream::connect(listen).await.ok().map(drop)
        })
        .await;
        Self { child, listen }
    }

    /// Where it listens.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// Tells it to end, and waits until it has.
    pub(super) async fn stop(mut self) {
        end(&mut self.child).await;
    }
}
