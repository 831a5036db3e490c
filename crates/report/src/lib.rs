//! waylaid-report
