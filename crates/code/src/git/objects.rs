//! Git's objects: loose ones and packs, with their deltas. Damaged ones are absent ones.

use flate2::read::ZlibDecoder;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

/// Objects larger than this are not read.
const LARGEST: u64 = 32 * 1024 * 1024;
const LARGEST_INDEX: u64 = 512 * 1024 * 1024;
/// Longest chain of deltas.
const CHAIN: u32 = 128;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Commit,
    Tree,
    Blob,
}

/// A folder of objects.
#[derive(Debug)]
pub(super) struct Objects {
    folder: PathBuf,
    packs: OnceLock<Vec<Pack>>,
}

#[derive(Debug)]
struct Pack {
    index: Vec<u8>,
    file: Mutex<File>,
}

impl Objects {
    pub(super) fn open(folder: PathBuf) -> Self {
        Self { folder, packs: OnceLock::new() }
    }

    /// An object by its id in hexadecimal digits.
    pub(super) fn read(&self, id: &str) -> Option<(Kind, Vec<u8>)> {
        let bytes = unhex(id)?;
        self.loose(id).or_else(|| self.packed(&bytes, 0))
    }

    fn loose(&self, id: &str) -> Option<(Kind, Vec<u8>)> {
        let folder = self.folder.join(id.get(..2)?);
        let file = folder.join(id.get(2..)?);
        if !is_folder(&self.folder)
            || !is_folder(&folder)
            || !std::fs::symlink_metadata(&file).ok()?.is_file()
        {
            return None;
        }
        let mut all = Vec::new();
        ZlibDecoder::new(File::open(file).ok()?).take(LARGEST).read_to_end(&mut all).ok()?;
        let end = all.iter().take(32).position(|b| *b == 0)?;
        let head = std::str::from_utf8(&all[..end]).ok()?;
        let kind = match head.split(' ').next()? {
            "commit" => Kind::Commit,
            "tree" => Kind::Tree,
            "blob" => Kind::Blob,
            _ => return None,
        };
        Some((kind, all.split_off(end + 1)))
    }

    fn packs(&self) -> &[Pack] {
        self.packs.get_or_init(|| {
            let folder = Some(self.folder.join("pack")).filter(|p| is_folder(&self.folder) && is_folder(p));
            let entries = folder.and_then(|f| std::fs::read_dir(f).ok()).into_iter().flatten().flatten();
            let files = entries.filter(|e| e.file_type().is_ok_and(|t| t.is_file()));
            let mut paths: Vec<PathBuf> = files.map(|e| e.path()).collect();
            paths.retain(|p| p.extension().is_some_and(|e| e == "idx"));
            paths.sort();
            paths.iter().take(2_000).filter_map(|p| Pack::open(p)).collect()
        })
    }

    fn packed(&self, id: &[u8; 20], depth: u32) -> Option<(Kind, Vec<u8>)> {
        self.packs().iter().find_map(|p| self.at(p, p.find(id)?, depth))
    }

    /// The object at an offset of a pack.
    fn at(&self, pack: &Pack, offset: u64, depth: u32) -> Option<(Kind, Vec<u8>)> {
        if depth > CHAIN {
            return None;
        }
        let (head, packed) = {
            let mut file = pack.file.lock().ok()?;
            file.seek(SeekFrom::Start(offset)).ok()?;
            let mut head = [0u8; 64];
            let read = file.read(&mut head).ok()?;
            let head = Head::parse(&head[..read], offset)?;
            file.seek(SeekFrom::Start(offset + head.length)).ok()?;
            let mut out = Vec::new();
            let limit = head.size.min(LARGEST);
            ZlibDecoder::new(&mut *file).take(limit).read_to_end(&mut out).ok()?;
            (head, out)
        };
        let base = match head.base {
            Base::None(kind) => return Some((kind, packed)),
            Base::Offset(at) => self.at(pack, at, depth + 1)?,
            Base::Id(id) => self.packed(&id, depth + 1)?,
        };
        Some((base.0, applied(&base.1, &packed)?))
    }
}

/// Whether a path is a folder and no link to one: a link may lead out of the checkout.
fn is_folder(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|m| m.is_dir())
}

/// What an object in a pack is made from.
enum Base {
    None(Kind),
    Offset(u64),
    Id([u8; 20]),
}

struct Head {
    size: u64,
    base: Base,
    /// Bytes before what is compressed.
    length: u64,
}

impl Head {
    fn parse(bytes: &[u8], offset: u64) -> Option<Self> {
        let first = *bytes.first()?;
        let (mut size, mut shift, mut at) = (u64::from(first & 15), 4u32, 1);
        let mut more = first & 0x80 != 0;
        while more {
            let byte = *bytes.get(at)?;
            size |= u64::from(byte & 0x7f).checked_shl(shift)?;
            (shift, at, more) = (shift + 7, at + 1, byte & 0x80 != 0);
        }
        let base = match (first >> 4) & 7 {
            1 => Base::None(Kind::Commit),
            2 => Base::None(Kind::Tree),
            3 => Base::None(Kind::Blob),
            6 => {
                let mut byte = *bytes.get(at)?;
                let mut back = u64::from(byte & 0x7f);
                at += 1;
                while byte & 0x80 != 0 {
                    byte = *bytes.get(at)?;
                    back = back.checked_add(1)?.checked_mul(128)? | u64::from(byte & 0x7f);
                    at += 1;
                }
                Base::Offset(offset.checked_sub(back).filter(|_| back > 0)?)
            }
            7 => {
                let id = bytes.get(at..at + 20)?.try_into().ok()?;
                at += 20;
                Base::Id(id)
            }
            _ => return None,
        };
        Some(Self { size, base, length: at as u64 })
    }
}

impl Pack {
    fn open(path: &Path) -> Option<Self> {
        let is_file =
            |p: &Path| std::fs::symlink_metadata(p).is_ok_and(|m| m.is_file() && m.len() < LARGEST_INDEX);
        let pack = path.with_extension("pack");
        if !is_file(path) || !std::fs::symlink_metadata(&pack).ok()?.is_file() {
            return None;
        }
        let index = std::fs::read(path).ok()?;
        let known = index.starts_with(&[0xff, b't', b'O', b'c', 0, 0, 0, 2]) && index.len() > 8 + 1024;
        known.then_some(())?;
        Some(Self { index, file: Mutex::new(File::open(pack).ok()?) })
    }

    fn number(&self, at: usize) -> Option<u64> {
        let bytes: [u8; 4] = self.index.get(at..at + 4)?.try_into().ok()?;
        Some(u64::from(u32::from_be_bytes(bytes)))
    }

    /// Where an object begins, by the index of version 2.
    fn find(&self, id: &[u8; 20]) -> Option<u64> {
        let fan = |byte: usize| self.number(8 + 4 * byte);
        let total = usize::try_from(fan(255)?).ok()?;
        let first = usize::from(id[0]);
        let mut low = if first == 0 { 0 } else { usize::try_from(fan(first - 1)?).ok()? };
        let mut high = usize::try_from(fan(first)?).ok()?.min(total);
        let ids = 8 + 1024;
        while low < high {
            let middle = low + (high - low) / 2;
            let own = self.index.get(ids + 20 * middle..ids + 20 * middle + 20)?;
            match own.cmp(&id[..]) {
                std::cmp::Ordering::Equal => return self.offset(ids, total, middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    fn offset(&self, ids: usize, total: usize, number: usize) -> Option<u64> {
        let offsets = ids + 24 * total;
        let small = self.number(offsets + 4 * number)?;
        if small & 0x8000_0000 == 0 {
            return Some(small);
        }
        let large = offsets + 4 * total + 8 * usize::try_from(small & 0x7fff_ffff).ok()?;
        Some((self.number(large)? << 32) | self.number(large + 4)?)
    }
}

/// A base with a delta applied.
fn applied(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let mut at = 0;
    let from = varint(delta, &mut at)?;
    let size = varint(delta, &mut at)?;
    if from != base.len() as u64 || size > LARGEST {
        return None;
    }
    let mut out = Vec::with_capacity(usize::try_from(size).ok()?.min(1 << 20));
    while let Some(code) = delta.get(at).copied() {
        at += 1;
        if code & 0x80 == 0 {
            let added = delta.get(at..at + usize::from(code)).filter(|_| code > 0)?;
            out.extend_from_slice(added);
            at += usize::from(code);
        } else {
            let mut part = |bits: std::ops::Range<u32>, first: u32| -> Option<usize> {
                let mut value = 0usize;
                for bit in bits {
                    if code & (1 << bit) != 0 {
                        value |= usize::from(*delta.get(at)?) << (8 * (bit - first));
                        at += 1;
                    }
                }
                Some(value)
            };
            let start = part(0..4, 0)?;
            let length = part(4..7, 4)?;
            let length = if length == 0 { 0x10000 } else { length };
            out.extend_from_slice(base.get(start..start.checked_add(length)?)?);
        }
        if out.len() as u64 > size {
            return None;
        }
    }
    (out.len() as u64 == size).then_some(out)
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let (mut value, mut shift) = (0u64, 0u32);
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n & 15)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}

fn unhex(id: &str) -> Option<[u8; 20]> {
    if id.len() != 40 || !id.is_ascii() {
        return None;
    }
    let mut out = [0; 20];
    for (number, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(id.get(2 * number..2 * number + 2)?, 16).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn deltas_are_applied() {
        // Copy 3 bytes from 1, insert "xy".
        assert_eq!(applied(b"abcdef", &[6, 5, 0x91, 1, 3, 2, b'x', b'y']), Some(b"bcdxy".to_vec()));
        assert_eq!(applied(b"abc", &[6, 5, 0x91, 1, 3]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(base in prop::collection::vec(any::<u8>(), 0..40), delta in prop::collection::vec(any::<u8>(), 0..60)) {
            applied(&base, &delta);
            Head::parse(&delta, 100);
        }
    }
}
