//! Every way a log writes a time.
