//! waylaid-model
