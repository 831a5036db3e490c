//! The server's side of the protocol (TDS 7.4, after the open specification MS-TDS): packets, the way in, statements, tokens.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A value on its way to the client.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bit(bool),
    /// In units of the last digit.
    Decimal(i128),
    /// `2026-11-02 10:11:12.345`.
    Moment(String),
    Guid(String),
    Bytes(Vec<u8>),
}

/// A type of a column of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Int,
    Text,
    Bit,
    /// With so many digits behind the point.
    Decimal(u8),
    Moment,
    Guid,
    Bytes,
}

/// What a statement is answered with.
#[derive(Clone, Debug)]
pub enum Reply {
    Rows(Vec<(String, Kind)>, Vec<Vec<Cell>>),
    Nothing,
    /// Number, class, text.
    Fails(u32, u8, &'static str),
    /// Nothing, until the client says stop.
    Hangs,
    /// Half of these rows, and then the connection ends.
    HangsUp(Vec<(String, Kind)>, Vec<Vec<Cell>>),
}

/// How somebody came in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Login {
    pub user: String,
    pub password: String,
    pub database: String,
    pub application: String,
    pub is_read_only: bool,
}

/// A statement that was sent: its text, and whether it was inside a transaction.
pub type Asked = (String, bool);
type Answers = dyn Fn(&str, &[Option<String>]) -> Reply + Send + Sync;
type Door = dyn Fn(&Login) -> Option<Reply> + Send + Sync;

/// What was seen of the clients.
#[derive(Default)]
pub struct Seen {
    pub logins: Vec<Login>,
    pub asked: Vec<Asked>,
    /// How often a client said stop.
    pub stops: usize,
}

/// A server. It ends with the process.
pub struct StandIn {
    pub port: u16,
    pub seen: Arc<Mutex<Seen>>,
}

impl StandIn {
    pub fn start(answers: impl Fn(&str, &[Option<String>]) -> Reply + Send + Sync + 'static) -> Self {
        Self::behind(|_| None, answers)
    }

    /// With a door: what it answers to a login is the answer to it.
    pub fn behind(
        door: impl Fn(&Login) -> Option<Reply> + Send + Sync + 'static,
        answers: impl Fn(&str, &[Option<String>]) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let (door, answers): (Arc<Door>, Arc<Answers>) = (Arc::new(door), Arc::new(answers));
        let all = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (door, answers, seen) = (Arc::clone(&door), Arc::clone(&answers), Arc::clone(&all));
                std::thread::spawn(move || {
                    let mut session = Session { stream, seen, descriptor: [0; 8] };
                    let _ = session.serve(&*door, &*answers);
                });
            }
        });
        Self { port, seen }
    }

    pub fn url(&self) -> String {
        format!("sqlserver://reader:Planted-S3cret%21@127.0.0.1:{}/shop", self.port)
    }

    /// The statements that were sent, and forgets them.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.seen.lock().unwrap().asked)
    }

    pub fn stops(&self) -> usize {
        self.seen.lock().unwrap().stops
    }
}

/// The number of the only transaction there is.
const TRANSACTION: [u8; 8] = [7, 0, 0, 0, 0, 0, 0, 1];

struct Session {
    stream: TcpStream,
    seen: Arc<Mutex<Seen>>,
    /// Of the open transaction; nought outside of one.
    descriptor: [u8; 8],
}

impl Session {
    fn serve(&mut self, door: &Door, answers: &Answers) -> io::Result<()> {
        loop {
            let (kind, message) = self.message()?;
            match kind {
                0x12 => self.send(&[0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, 2])?,
                0x10 => {
                    let login = login(&message);
                    self.seen.lock().unwrap().logins.push(login.clone());
                    let refused = door(&login);
                    let is_refused = refused.is_some();
                    match refused {
                        Some(reply) => self.reply(reply, false)?,
                        None => self.send(&welcome())?,
                    }
                    if is_refused {
                        return Ok(());
                    }
                }
                0x01 => {
                    let sql = utf16(&message[all_headers(&message)..]);
                    self.asked(&sql, &message);
                    let reply = self.own(&sql).map_or_else(|| Ok(answers(&sql, &[])), Err);
                    match reply {
                        Ok(reply) => self.reply(reply, false)?,
                        Err(tokens) => self.send(&tokens)?,
                    }
                }
                0x03 => {
                    let (sql, parameters) = call(&message[all_headers(&message)..]);
                    self.asked(&sql, &message);
                    self.reply(answers(&sql, &parameters), true)?;
                }
                0x06 => {
                    self.seen.lock().unwrap().stops += 1;
                    self.send(&done(0xfd, 0x20, 0))?;
                }
                other => panic!("a message of kind {other:#x}"),
            }
        }
    }

    /// Notes a statement; the client must name the transaction that it is in.
    fn asked(&self, sql: &str, message: &[u8]) {
        assert_eq!(message[10..18], self.descriptor, "{sql}: the open transaction is named");
        let is_inside = self.descriptor != [0; 8];
        self.seen.lock().unwrap().asked.push((sql.to_owned(), is_inside));
    }

    /// Transactions begin and end here.
    fn own(&mut self, sql: &str) -> Option<Vec<u8>> {
        let (change, before, after) = if sql == "BEGIN TRANSACTION" {
            (8, [0; 8], TRANSACTION)
        } else if sql.ends_with("ROLLBACK TRANSACTION") {
            (10, self.descriptor, [0; 8])
        } else {
            return None;
        };
        self.descriptor = after;
        let side = |number: [u8; 8]| if number == [0; 8] { vec![0] } else { [&[8][..], &number].concat() };
        let body = [vec![change], side(after), side(before)].concat();
        let mut tokens = vec![0xe3];
        tokens.extend((body.len() as u16).to_le_bytes());
        tokens.extend(body);
        tokens.extend(done(0xfd, 0, 0));
        Some(tokens)
    }

    fn message(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut whole = Vec::new();
        loop {
            let mut header = [0; 8];
            self.stream.read_exact(&mut header)?;
            let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
            let mut body = vec![0; length - 8];
            self.stream.read_exact(&mut body)?;
            whole.extend(body);
            if header[1] & 1 == 1 {
                return Ok((header[0], whole));
            }
        }
    }

    fn reply(&mut self, reply: Reply, is_call: bool) -> io::Result<()> {
        match reply {
            Reply::Rows(columns, rows) => {
                let mut tokens = metadata(&columns);
                rows.iter().for_each(|cells| tokens.extend(row(&columns, cells)));
                tokens.extend(ending(is_call, 0x10, rows.len() as u64));
                self.send(&tokens)
            }
            Reply::Nothing => self.send(&ending(is_call, 0, 0)),
            Reply::Fails(number, class, text) => {
                let mut body = number.to_le_bytes().to_vec();
                body.extend([1, class]);
                body.extend((text.encode_utf16().count() as u16).to_le_bytes());
                body.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
                body.extend([short("stand-in"), short(""), 1_u32.to_le_bytes().to_vec()].concat());
                let mut tokens = vec![0xaa];
                tokens.extend((body.len() as u16).to_le_bytes());
                tokens.extend(body);
                tokens.extend(ending(is_call, 0x02, 0));
                self.send(&tokens)
            }
            Reply::Hangs => Ok(()),
            Reply::HangsUp(columns, rows) => {
                let mut tokens = metadata(&columns);
                rows.iter().for_each(|cells| tokens.extend(row(&columns, cells)));
                self.packets(&tokens[..tokens.len() / 2], false)?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
    }

    fn send(&mut self, tokens: &[u8]) -> io::Result<()> {
        self.packets(tokens, true)
    }

    fn packets(&mut self, tokens: &[u8], is_whole: bool) -> io::Result<()> {
        let pieces: Vec<&[u8]> = tokens.chunks(4_000).collect();
        for (at, piece) in pieces.iter().enumerate() {
            let is_last = is_whole && at + 1 == pieces.len();
            let length = ((piece.len() + 8) as u16).to_be_bytes();
            let header = [4, u8::from(is_last), length[0], length[1], 0, 0, (at as u8).wrapping_add(1), 0];
            self.stream.write_all(&[&header, *piece].concat())?;
        }
        self.stream.flush()
    }
}

/// How long the headers before a statement are.
fn all_headers(message: &[u8]) -> usize {
    u32::from_le_bytes(message[..4].try_into().unwrap()) as usize
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

/// A text of up to 255 characters.
fn short(text: &str) -> Vec<u8> {
    let mut bytes = vec![text.encode_utf16().count() as u8];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

fn login(message: &[u8]) -> Login {
    let field = |at: usize| {
        let number = |at: usize| usize::from(u16::from_le_bytes([message[at], message[at + 1]]));
        message[number(at)..number(at) + number(at + 2) * 2].to_vec()
    };
    // Every byte is turned round and mixed with a fixed one.
    let plain = field(44).iter().map(|byte| (byte ^ 0xa5).rotate_left(4)).collect::<Vec<u8>>();
    Login {
        user: utf16(&field(40)),
        password: utf16(&plain),
        application: utf16(&field(48)),
        database: utf16(&field(68)),
        is_read_only: message[26] & 0x20 != 0,
    }
}

fn welcome() -> Vec<u8> {
    let mut body = vec![1, 0x74, 0, 0, 4];
    body.extend(short("Stand-in"));
    body.extend([16, 0, 0, 0]);
    let mut tokens = vec![0xad];
    tokens.extend((body.len() as u16).to_le_bytes());
    tokens.extend(body);
    tokens.extend(done(0xfd, 0, 0));
    tokens
}

fn done(token: u8, status: u16, count: u64) -> Vec<u8> {
    let mut bytes = vec![token];
    bytes.extend(status.to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(count.to_le_bytes());
    bytes
}

/// The end of a batch, or of a call.
fn ending(is_call: bool, status: u16, count: u64) -> Vec<u8> {
    if !is_call {
        return done(0xfd, status, count);
    }
    // More comes: what the procedure returned, and its end.
    let returned = [&[0x79][..], &0_i32.to_le_bytes()].concat();
    [done(0xff, status | 1, count), returned, done(0xfe, status & 2, 0)].concat()
}

/// The statement of a call of `sp_executesql`, and its parameters.
fn call(bytes: &[u8]) -> (String, Vec<Option<String>>) {
    assert_eq!(bytes[..4], [0xff, 0xff, 10, 0], "sp_executesql, by its number");
    let mut rest = &bytes[6..];
    let mut values = Vec::new();
    while !rest.is_empty() {
        rest = &rest[1 + usize::from(rest[0]) * 2 + 1..];
        let (value, after) = parameter(rest);
        values.push(value);
        rest = after;
    }
    let mut values = values.into_iter();
    let sql = values.next().flatten().unwrap();
    // The second says which types the others have.
    (sql, values.skip(1).collect())
}

/// A text, long or short, or a whole number.
fn parameter(bytes: &[u8]) -> (Option<String>, &[u8]) {
    let number = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    match bytes[0] {
        0xe7 if number(1) == 0xffff => {
            let (mut rest, mut text) = (&bytes[16..], Vec::new());
            loop {
                let length = u32::from_le_bytes(rest[..4].try_into().unwrap()) as usize;
                rest = &rest[4..];
                if length == 0 {
                    return (Some(utf16(&text)), rest);
                }
                text.extend_from_slice(&rest[..length]);
                rest = &rest[length..];
            }
        }
        0xe7 if number(8) == 0xffff => (None, &bytes[10..]),
        0xe7 => {
            let end = 10 + usize::from(number(8));
            (Some(utf16(&bytes[10..end])), &bytes[end..])
        }
        // None, of any type.
        0x1f => (None, &bytes[1..]),
        0x26 => (Some(String::new()), &bytes[3 + usize::from(bytes[2])..]),
        other => panic!("a parameter of type {other:#x}"),
    }
}

fn metadata(columns: &[(String, Kind)]) -> Vec<u8> {
    let mut bytes = vec![0x81];
    bytes.extend((columns.len() as u16).to_le_bytes());
    for (name, kind) in columns {
        bytes.extend([0, 0, 0, 0, 9, 0]);
        match kind {
            Kind::Int => bytes.extend([0x26, 8]),
            Kind::Text => bytes.extend([0xe7, 0x40, 0x1f, 9, 4, 0xd0, 0, 0x34]),
            Kind::Bit => bytes.extend([0x68, 1]),
            Kind::Decimal(scale) => bytes.extend([0x6c, 17, 38, *scale]),
            Kind::Moment => bytes.extend([0x2a, 3]),
            Kind::Guid => bytes.extend([0x24, 16]),
            Kind::Bytes => bytes.extend([0xa5, 0x40, 0x1f]),
        }
        bytes.extend(short(name));
    }
    bytes
}

fn row(columns: &[(String, Kind)], cells: &[Cell]) -> Vec<u8> {
    let mut bytes = vec![0xd1];
    for ((_, kind), cell) in columns.iter().zip(cells) {
        match cell {
            Cell::Null if matches!(kind, Kind::Text | Kind::Bytes) => bytes.extend([0xff, 0xff]),
            Cell::Null => bytes.push(0),
            Cell::Int(number) => {
                bytes.push(8);
                bytes.extend(number.to_le_bytes());
            }
            Cell::Text(text) => {
                bytes.extend(((text.encode_utf16().count() * 2) as u16).to_le_bytes());
                bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            }
            Cell::Bit(flag) => bytes.extend([1, u8::from(*flag)]),
            Cell::Decimal(number) => {
                bytes.extend([17, u8::from(*number >= 0)]);
                bytes.extend(number.unsigned_abs().to_le_bytes());
            }
            Cell::Moment(text) => bytes.extend(moment(text)),
            Cell::Guid(text) => bytes.extend(guid(text)),
            Cell::Bytes(data) => {
                bytes.extend((data.len() as u16).to_le_bytes());
                bytes.extend(data);
            }
        }
    }
    bytes
}

/// Thousandths since midnight in four bytes, days since the year 1 in three.
fn moment(text: &str) -> Vec<u8> {
    let numbers: Vec<u64> =
        text.split(|c: char| !c.is_ascii_digit()).map(|digits| digits.parse().unwrap()).collect();
    let [year, month, day, hour, minute, second, rest] = numbers[..] else { panic!("{text}") };
    let thousandths = ((hour * 60 + minute) * 60 + second) * 1_000 + rest;
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let lengths = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = (1..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum::<u64>();
    let days = before + lengths[..month as usize - 1].iter().sum::<u64>() + day - 1;
    [&[7][..], &(thousandths as u32).to_le_bytes(), &days.to_le_bytes()[..3]].concat()
}

/// The first three groups stand in the other order of bytes.
fn guid(text: &str) -> Vec<u8> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let byte = |at: usize| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).unwrap();
    let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    [16].into_iter().chain(order.map(byte)).collect()
}
