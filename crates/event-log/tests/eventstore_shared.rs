//! The EventStoreDB engine keeps the contract on a log that it shares, a real server's if there is one.
mod contract;
contract::suite!(contract::engines::eventstore_shared());
