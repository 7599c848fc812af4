//! The EventStoreDB engine keeps the contract.
mod contract;
contract::suite!(contract::engines::eventstore());
