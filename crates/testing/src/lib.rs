//! Test support: databases, tokens, servers.
