//! waylaid-code
