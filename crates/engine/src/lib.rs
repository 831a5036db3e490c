//! waylaid-engine
