//! What stands between a client and a server and breaks: a line that is cut, one that goes dead in the middle of an answer,
//! an address behind which another server takes over. The tests of MySQL use it, too.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of the bytes that the server sends.
#[derive(Clone, Copy, PartialEq)]
#[repr(u8)]
pub enum Line {
    Whole = 0,
    /// After so many bytes nothing comes any more, and nothing ends.
    Dead = 1,
    /// After so many bytes the client is told that the line is reset.
    Reset = 2,
}

/// A way to a server. It ends with the process.
pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    to: AtomicU16,
    line: AtomicU8,
    left: AtomicU64,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    pub fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            to: AtomicU16::new(port),
            line: AtomicU8::new(0),
            left: AtomicU64::new(u64::MAX),
            open: Mutex::default(),
        });
        let all = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&all);
                // Nobody behind it: the line ends at once.
                let Ok(server) = TcpStream::connect(("127.0.0.1", shared.to.load(Ordering::SeqCst))) else {
                    continue;
                };
                shared
                    .open
                    .lock()
                    .unwrap()
                    .extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                let (up, down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || copied(up, server));
                std::thread::spawn(move || shared.answers(down, client));
            }
        });
        Self { port: own, shared }
    }

    /// From here on lines are like this, after so many bytes more.
    pub fn becomes(&self, line: Line, after: u64) {
        self.shared.left.store(after, Ordering::SeqCst);
        self.shared.line.store(line as u8, Ordering::SeqCst);
    }

    /// Another server takes over: lines to the one before end, new ones lead to it.
    pub fn leads_to(&self, port: u16) {
        self.shared.to.store(port, Ordering::SeqCst);
        for stream in self.shared.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn answers(&self, mut server: TcpStream, mut client: TcpStream) {
        let mut buffer = [0; 4_096];
        while let Ok(count @ 1..) = server.read(&mut buffer) {
            let line = self.line.load(Ordering::SeqCst);
            let left = self.left.load(Ordering::SeqCst);
            if line != Line::Whole as u8 && left < count as u64 {
                let _ = client.write_all(&buffer[..left as usize]);
                if line == Line::Reset as u8 {
                    self.open.lock().unwrap().clear();
                    reset(client);
                    let _ = server.shutdown(Shutdown::Both);
                } else {
                    std::thread::sleep(Duration::from_mins(10));
                }
                return;
            }
            if line != Line::Whole as u8 {
                self.left.fetch_sub(count as u64, Ordering::SeqCst);
            }
            if client.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
    }
}

fn copied(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 4_096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Ends a line without a goodbye: once nobody holds it any more, who still reads from it included.
fn reset(stream: TcpStream) {
    let reader = stream.try_clone().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        stream.set_nonblocking(true).unwrap();
        let stream = tokio::net::TcpStream::from_std(stream).unwrap();
        stream.set_zero_linger().unwrap();
    });
    let _ = reader.shutdown(Shutdown::Read);
}
