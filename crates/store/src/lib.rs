//! waylaid-store
