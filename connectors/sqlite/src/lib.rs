//! waylaid-sqlite
