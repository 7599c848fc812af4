//! The PostgreSQL engine keeps the contract.
mod contract;
contract::suite!(contract::engines::postgres());
