//! The memory engine keeps the contract.
mod contract;
contract::suite!(contract::engines::memory());
