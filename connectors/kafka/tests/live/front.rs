//! What stands between a client and a broker, and can fail as a network does.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::spawn;
use std::time::Duration;

/// A front before a broker that tells its clients to come here.
#[derive(Clone)]
pub struct Front {
    pub port: u16,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    broker: AtomicU16,
    /// Nothing comes through, and nothing is closed.
    holds: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Front {
    /// Listens; where the broker is, is told later, for it has to be told of this first.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let front = Self { port: listener.local_addr().unwrap().port(), inner: Arc::default() };
        let inner = Arc::clone(&front.inner);
        spawn(move || {
            for client in listener.incoming().flatten() {
                let port = inner.broker.load(Ordering::Relaxed);
                let Ok(broker) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                inner.open.lock().unwrap().push(client.try_clone().unwrap());
                let (from_client, to_broker) = (client.try_clone().unwrap(), broker.try_clone().unwrap());
                let (there, back) = (Arc::clone(&inner), Arc::clone(&inner));
                spawn(move || there.pass(from_client, to_broker));
                spawn(move || back.pass(broker, client));
            }
        });
        front
    }

    pub fn before(&self, broker: u16) {
        self.inner.broker.store(broker, Ordering::Relaxed);
    }

    pub fn hold(&self, holds: bool) {
        self.inner.holds.store(holds, Ordering::Relaxed);
    }

    /// Closes every connection that is open now; new ones are taken.
    pub fn cut(&self) {
        for client in self.inner.open.lock().unwrap().drain(..) {
            let _ = client.shutdown(Shutdown::Both);
        }
    }
}

impl Inner {
    fn pass(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut bytes = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            while self.holds.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(20));
            }
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    }
}
