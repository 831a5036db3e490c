//! waylaid-logs
