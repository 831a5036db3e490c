//! Layers around any connector.
