//! The services of one node.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{Stream, StreamExt, stream};
use tonic::{Request, Response, Status, Streaming};

use crate::append::{receive, refused, succeeded};
use crate::connections::Connections;
use crate::faults::{Faults, not_leader, take_one};
use crate::protocol::Empty;
use crate::protocol::gossip::member_info::VNodeState;
use crate::protocol::gossip::{ClusterInfo, EndPoint, MemberInfo, gossip_server::Gossip};
use crate::protocol::server_features::SupportedMethods;
use crate::protocol::server_features::server_features_server::ServerFeatures;
use crate::protocol::streams::append_req::options::ExpectedStreamRevision;
use crate::protocol::streams::append_resp::Result as Outcome;
use crate::protocol::streams::read_req::options::CountOption;
use crate::protocol::streams::streams_server::Streams;
use crate::protocol::streams::{
    AppendReq, AppendResp, BatchAppendReq, BatchAppendResp, DeleteReq, DeleteResp, ReadReq,
    ReadResp, TombstoneReq, TombstoneResp,
};
use crate::read::Query;
use crate::stand_in::Cluster;
use crate::store::Expected;
use crate::subscription::subscribe;
use crate::uuid;

/// One node of the cluster.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) port: u16,
    pub(crate) faults: Faults,
    pub(crate) connections: Connections,
    pub(crate) appends: AtomicU64,
    pub(crate) reads: AtomicU64,
    pub(crate) subscriptions: AtomicU64,
}

/// The node as tonic's servers hold it.
#[derive(Debug, Clone)]
pub(crate) struct Served(pub(crate) Arc<Node>);

type Answers = Pin<Box<dyn Stream<Item = Result<ReadResp, Status>> + Send>>;

impl Node {
    /// Followers send those to the leader who say that they want it, and serve the others.
    async fn pass<T>(&self, request: &Request<T>) -> Result<(), Status> {
        self.faults.pass(request.metadata()).await?;
        let leader = self.cluster.leader();
        let wanted = request.metadata().get("requires-leader").is_some_and(|wants| wants == "true");
        if wanted && leader != self.port { Err(not_leader(leader)) } else { Ok(()) }
    }
}

#[tonic::async_trait]
impl Streams for Served {
    type ReadStream = Answers;
    type BatchAppendStream = Pin<Box<dyn Stream<Item = Result<BatchAppendResp, Status>> + Send>>;

    async fn read(&self, request: Request<ReadReq>) -> Result<Response<Answers>, Status> {
        let node = &self.0;
        node.pass(&request).await?;
        let missing = || Status::invalid_argument("a read without options");
        let options = request.into_inner().options.ok_or_else(missing)?;
        let query = Query::of(&options)?;
        match options.count_option.ok_or_else(missing)? {
            CountOption::Count(count) => {
                node.reads.fetch_add(1, Ordering::SeqCst);
                let page = query.page(&node.cluster.store.lock(), count)?;
                Ok(Response::new(stream::iter(page).map(Ok).boxed()))
            }
            CountOption::Subscription(_) => {
                let id = node.subscriptions.fetch_add(1, Ordering::SeqCst);
                let store = Arc::clone(&node.cluster.store);
                let ended = node.faults.subscriptions_ended.subscribe();
                Ok(Response::new(subscribe(store, query, &id.to_string(), ended).boxed()))
            }
        }
    }

    async fn append(
        &self,
        request: Request<Streaming<AppendReq>>,
    ) -> Result<Response<AppendResp>, Status> {
        let node = &self.0;
        node.pass(&request).await?;
        let (stream, asked, proposed) = receive(request.into_inner()).await?;
        let expected = match asked {
            ExpectedStreamRevision::Revision(revision) => Expected::Revision(revision),
            ExpectedStreamRevision::NoStream(_) => Expected::NoStream,
            ExpectedStreamRevision::Any(_) => Expected::Any,
            ExpectedStreamRevision::StreamExists(_) => Expected::StreamExists,
        };
        node.appends.fetch_add(1, Ordering::SeqCst);
        let outcome = node.cluster.store.append(&stream, expected, proposed);
        let dies = node.faults.dies_after.load(Ordering::SeqCst) == 1;
        if take_one(&node.faults.dies_after) && dies {
            node.connections.stop();
            std::future::pending::<()>().await;
        }
        if take_one(&node.faults.lost_answers) {
            node.connections.cut();
            // The connection that the answer would take is gone, and with it this call.
            std::future::pending::<()>().await;
        }
        let result = match outcome {
            Ok(success) => Outcome::Success(succeeded(success)),
            Err(wrong) => Outcome::WrongExpectedVersion(refused(wrong, asked)),
        };
        Ok(Response::new(AppendResp { result: Some(result) }))
    }

    async fn delete(&self, _: Request<DeleteReq>) -> Result<Response<DeleteResp>, Status> {
        Err(Status::unimplemented("delete"))
    }

    async fn tombstone(&self, _: Request<TombstoneReq>) -> Result<Response<TombstoneResp>, Status> {
        Err(Status::unimplemented("tombstone"))
    }

    async fn batch_append(
        &self,
        _: Request<Streaming<BatchAppendReq>>,
    ) -> Result<Response<Self::BatchAppendStream>, Status> {
        Err(Status::unimplemented("batch append"))
    }
}

#[tonic::async_trait]
impl ServerFeatures for Served {
    async fn get_supported_methods(
        &self,
        request: Request<Empty>,
    ) -> Result<Response<SupportedMethods>, Status> {
        // Nobody needs to sign in for this one, but a server that hangs, hangs here too.
        self.0.faults.hang().await;
        drop(request);
        Err(Status::unimplemented("server features"))
    }
}

#[tonic::async_trait]
impl Gossip for Served {
    async fn read(&self, _: Request<Empty>) -> Result<Response<ClusterInfo>, Status> {
        self.0.faults.hang().await;
        let leader = self.0.cluster.leader();
        let member = |port: &u16| MemberInfo {
            instance_id: Some(uuid::text(u128::from(*port))),
            time_stamp: 0,
            state: if *port == leader { VNodeState::Leader } else { VNodeState::Follower } as i32,
            is_alive: true,
            http_end_point: Some(EndPoint {
                address: "127.0.0.1".to_owned(),
                port: u32::from(*port),
            }),
        };
        let members = self.0.cluster.ports().iter().map(member).collect();
        Ok(Response::new(ClusterInfo { members }))
    }
}
