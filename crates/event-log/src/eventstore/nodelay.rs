//! Small messages are sent at once.
//!
//! The client leaves Nagle's algorithm on and writes a call in three small pieces. The second waits until
//! the server has acknowledged the first, which servers put off for 40 ms since they have nothing to
//! say yet: that is how long every call took, on an idle connection and on a busy one. The client has
//! no setting for it and keeps its socket to itself. So the socket is found among those of the process,
//! by the port at its other end, and told to send at once.
//!
//! A descriptor's number is all that is known of it, and nothing safe makes a socket of a number. But a
//! number can be sent through a local socket, and what comes out is a descriptor of our own of the same
//! connection. Where that is not possible, calls are as slow as the client makes them.

use std::collections::BTreeSet;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::TcpStream;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixDatagram;

use nix::sys::socket::{ControlMessage, MsgFlags, SockaddrStorage, UnixAddr, getpeername, sendmsg};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

/// Tells every connection of this process to one of these ports to send at once; answers how many.
pub(super) fn set(ports: &BTreeSet<u16>) -> io::Result<usize> {
    let (there, here) = UnixDatagram::pair()?;
    let mut told = 0;
    for entry in std::fs::read_dir("/dev/fd")? {
        let number = entry?.file_name().to_str().and_then(|name| name.parse().ok());
        let Some(number) = number.filter(|number| is_to(*number, ports)) else { continue };
        let connection = TcpStream::from(same(number, &there, &here)?);
        // It may have become another in the meantime, for which this is as good.
        if connection.set_nodelay(true).is_ok() {
            told += 1;
        }
    }
    Ok(told)
}

fn is_to(number: RawFd, ports: &BTreeSet<u16>) -> bool {
    let Ok(peer) = getpeername::<SockaddrStorage>(number) else { return false };
    let port = match (peer.as_sockaddr_in(), peer.as_sockaddr_in6()) {
        (Some(v4), _) => v4.port(),
        (None, Some(v6)) => v6.port(),
        (None, None) => return false,
    };
    ports.contains(&port)
}

/// A descriptor of our own for what this number stands for.
fn same(number: RawFd, there: &UnixDatagram, here: &UnixDatagram) -> io::Result<OwnedFd> {
    let (rights, byte) = ([number], [IoSlice::new(&[0])]);
    let rights = [ControlMessage::ScmRights(&rights)];
    sendmsg::<UnixAddr>(there.as_raw_fd(), &byte, &rights, MsgFlags::empty(), None)?;

    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut received = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    recvmsg(here, &mut [IoSliceMut::new(&mut byte)], &mut received, RecvFlags::CMSG_CLOEXEC)?;
    let descriptor = received.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut rights) => rights.next(),
        _ => None,
    });
    descriptor.ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn connections_are_found_by_their_port_and_told() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let other = TcpListener::bind("[::1]:0").or_else(|_| TcpListener::bind("127.0.0.1:0"));
        let other = other.expect("a port");
        let address = |of: &TcpListener| of.local_addr().expect("its own");
        let connect = |to| TcpStream::connect(address(to)).expect("it listens");
        let (first, second, third) = (connect(&listener), connect(&listener), connect(&other));

        let told = set(&BTreeSet::from([address(&listener).port()])).expect("a local socket");
        let delays = [&first, &second, &third].map(|one| !one.nodelay().expect("an option"));
        assert_eq!((told, delays), (2, [false, false, true]));

        let told = set(&BTreeSet::from([address(&other).port()])).expect("a local socket");
        assert_eq!((told, third.nodelay().expect("an option")), (1, true));
    }
}
