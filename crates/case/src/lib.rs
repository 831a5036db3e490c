//! waylaid-case
