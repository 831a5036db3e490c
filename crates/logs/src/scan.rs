//! Small scans over bytes and text that several modules share.
