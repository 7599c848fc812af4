//! Docket in one process, and its roles as sub-commands.
