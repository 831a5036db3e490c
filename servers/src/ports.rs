//! Free ports, asked from the operating system.

use crate::error::{Doing as _, Error};
use std::net::TcpListener;

/// Where everything listens, and nowhere else.
pub const HOST: &str = "127.0.0.1";

/// So many different free ports.
pub fn free<const N: usize>() -> Result<[u16; N], Error> {
    let mut ports = [0; N];
    let mut held = Vec::with_capacity(N);
    for port in &mut ports {
        // Held until all are there, so that no two are the same.
        let listener = TcpListener::bind((HOST, 0)).doing("asking for a free port")?;
        *port = listener.local_addr().doing("asking for a free port")?.port();
        held.push(listener);
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    #[test]
    fn ports_differ() {
        let [a, b, c] = super::free::<3>().unwrap();
        assert!(a != b && b != c && a != c && a > 0);
    }
}
