//! waylaid-files
