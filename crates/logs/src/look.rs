//! The look of an event: what is left of its text without ids, numbers and times. Events that look alike were written
//! by the same statement about different things, so that a few of thousands tell what all of them would.

/// A hash of the words of a text, in order. Tokens that hold a digit are left out, but for the ones by which a reader
/// tells levels and errors: a number behind a word such as `level`, `status` or `code`, and the leading letter of a
/// line in the format of glog (`E1120`).
///
/// Of a long text only beginning and end are looked at: what comes between are stack traces.
pub fn look_of(text: &[u8]) -> u64 {
    let mut look = Look { hash: SEED, tells: false };
    if text.len() > HEAD + 2 * TAIL {
        look.read(&text[..HEAD]);
        look.read(&text[text.len() - TAIL..]);
    } else {
        look.read(text);
    }
    look.hash
}

/// How much of a long text's beginning is looked at.
const HEAD: usize = 1024;
/// And of its end.
const TAIL: usize = 512;
const SEPARATOR: u8 = 0;
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const JOINER: u8 = 4;

/// What each byte is to a token.
const CLASS: [u8; 256] = {
    let mut table = [SEPARATOR; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = if b.is_ascii_alphabetic() || b >= 0x80 {
            LETTER
        } else if b.is_ascii_digit() {
            DIGIT
        } else if matches!(b, b'-' | b'_') {
            JOINER
        } else {
            SEPARATOR
        };
        byte += 1;
    }
    table
};

const SEED: u64 = 0x9E37_79B9_7F4A_7C15;
/// Digits of the longest number that tells an error: SQLSTATE and Oracle's codes have five.
const LONGEST_CODE: usize = 5;

struct Look {
    hash: u64,
    /// Whether the last word announces a number that tells something.
    tells: bool,
}

impl Look {
    fn read(&mut self, text: &[u8]) {
        let mut at = 0;
        while at < text.len() {
            if CLASS[usize::from(text[at])] == SEPARATOR {
                at += 1;
                continue;
            }
            let start = at;
            let mut classes = 0;
            while at < text.len() && CLASS[usize::from(text[at])] != SEPARATOR {
                classes |= CLASS[usize::from(text[at])];
                at += 1;
            }
            self.add(&text[start..at], classes, start == 0);
        }
    }

    fn add(&mut self, token: &[u8], classes: u8, first: bool) {
        if classes & DIGIT == 0 {
            self.tells = announces(token);
            self.mix(token);
        } else if classes == DIGIT && token.len() <= LONGEST_CODE && self.tells {
            self.mix(token);
        } else if first {
            self.mix(&token[..1]);
        }
    }

    fn mix(&mut self, token: &[u8]) {
        let mut hash = self.hash;
        for chunk in token.chunks(8) {
            let mut bytes = [0; 8];
            bytes[..chunk.len()].copy_from_slice(chunk);
            hash = (hash.rotate_left(23) ^ u64::from_le_bytes(bytes)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        }
        self.hash = hash ^ (hash >> 29);
    }
}

/// Whether a number behind this word tells a level, a status or an error.
fn announces(word: &[u8]) -> bool {
    const WORDS: [&[u8]; 14] = [
        b"level",
        b"lvl",
        b"severity",
        b"severitynumber",
        b"priority",
        b"status",
        b"statuscode",
        b"code",
        b"errorcode",
        b"errno",
        b"state",
        b"sqlstate",
        b"error",
        b"number",
    ];
    (3..=14).contains(&word.len()) && WORDS.iter().any(|w| word.eq_ignore_ascii_case(w))
}

#[cfg(test)]
mod tests {
    use super::look_of;

    fn alike(a: &str, b: &str) -> bool {
        look_of(a.as_bytes()) == look_of(b.as_bytes())
    }

    #[test]
    fn events_of_one_statement_look_alike() {
        assert!(alike(
            "2026-03-12 10:22:01.123 ERROR [exec-7] order 10441 failed after 3 tries (id=9b2e6c1a-77aa-4d0e-9c11-0a1b2c3d4e5f)",
            "2026-03-13 09:00:00.001 ERROR [exec-12] order 9 failed after 12 tries (id=1b2e6c1a-aaaa-4d0e-9c11-0a1b2c3d4e5f)",
        ));
        assert!(!alike("ERROR order 1 failed", "ERROR order 1 rejected"));
        assert!(!alike("INFO order 1 failed", "ERROR order 1 failed"));
    }

    #[test]
    fn numbers_that_tell_something_make_a_difference() {
        assert!(!alike(r#"{"level":30,"msg":"x"}"#, r#"{"level":50,"msg":"x"}"#));
        assert!(!alike("SQL error 1062 for 7", "SQL error 1048 for 7"));
        assert!(!alike("status=404 /a", "status=503 /a"));
        assert!(!alike("E1120 10:00:00 1 a.go:7] x", "I1120 10:00:00 1 a.go:7] x"));
        assert!(alike("E1120 10:00:00 1 a.go:7] x", "E1121 11:00:00 2 a.go:7] x"));
        assert!(alike("took 12 ms", "took 7 ms"));
    }

    #[test]
    fn any_bytes_have_a_look() {
        for text in [&b""[..], b"\xff\xfe\x00", b"____", b"7", "\u{e9}t\u{e9} 7".as_bytes()] {
            assert_eq!(look_of(text), look_of(text));
        }
    }
}
