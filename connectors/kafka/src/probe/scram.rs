//! A login that proves the password without showing it (RFC 5802), and has the broker prove that it knows it, too.

use aws_lc_rs::{digest, hmac, pbkdf2, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::num::NonZeroU32;

/// How often a broker may let us hash the password.
const ROUNDS: std::ops::RangeInclusive<u32> = 1..=1_000_000;
const NONSENSE: &str = "the broker's part of the login makes no sense";

/// Logs in; each message goes through `send`, which brings the broker's back.
pub fn log_in(
    is_long: bool,
    user: &str,
    password: &str,
    mut send: impl FnMut(&[u8]) -> Result<Vec<u8>, String>,
) -> Result<(), String> {
    let mut random = [0; 18];
    rand::fill(&mut random).map_err(|_| "there is no randomness")?;
    let scram = Scram { is_long, nonce: STANDARD.encode(random) };
    let bare = scram.first(user);
    let first = String::from_utf8(send(format!("n,,{bare}").as_bytes())?).map_err(|_| NONSENSE)?;
    let (message, expected) = scram.proof(&bare, &first, password)?;
    let last = send(message.as_bytes())?;
    if last.strip_prefix(b"v=").and_then(|v| STANDARD.decode(v).ok()) == Some(expected) {
        Ok(())
    } else {
        Err("the broker does not know the password either".to_owned())
    }
}

struct Scram {
    is_long: bool,
    nonce: String,
}

impl Scram {
    fn first(&self, user: &str) -> String {
        format!("n={},r={}", user.replace('=', "=3D").replace(',', "=2C"), self.nonce)
    }

    /// Our second message, and what the broker has to say to it.
    fn proof(&self, bare: &str, first: &str, password: &str) -> Result<(String, Vec<u8>), String> {
        let part = |name: &str| first.split(',').find_map(|part| part.strip_prefix(name)).ok_or(NONSENSE);
        let (nonce, salt, rounds) = (part("r=")?, STANDARD.decode(part("s=")?), part("i=")?.parse());
        let rounds: u32 = rounds.ok().filter(|rounds| ROUNDS.contains(rounds)).ok_or(NONSENSE)?;
        if !nonce.starts_with(&self.nonce) {
            return Err(NONSENSE.to_owned());
        }
        let salted = self.salted(password, &salt.map_err(|_| NONSENSE)?, rounds)?;
        let without = format!("c=biws,r={nonce}");
        let signed = format!("{bare},{first},{without}");
        let key = self.sign(&salted, b"Client Key");
        let stored = digest::digest(if self.is_long { &digest::SHA512 } else { &digest::SHA256 }, &key);
        let signature = self.sign(stored.as_ref(), signed.as_bytes());
        let proof: Vec<u8> = key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        let expected = self.sign(&self.sign(&salted, b"Server Key"), signed.as_bytes());
        Ok((format!("{without},p={}", STANDARD.encode(proof)), expected))
    }

    fn salted(&self, password: &str, salt: &[u8], rounds: u32) -> Result<Vec<u8>, String> {
        let rounds = NonZeroU32::new(rounds).ok_or(NONSENSE)?;
        let (algorithm, length) = if self.is_long {
            (pbkdf2::PBKDF2_HMAC_SHA512, digest::SHA512_OUTPUT_LEN)
        } else {
            (pbkdf2::PBKDF2_HMAC_SHA256, digest::SHA256_OUTPUT_LEN)
        };
        let mut salted = vec![0; length];
        pbkdf2::derive(algorithm, rounds, salt, password.as_bytes(), &mut salted);
        Ok(salted)
    }

    fn sign(&self, key: &[u8], text: &[u8]) -> Vec<u8> {
        let algorithm = if self.is_long { hmac::HMAC_SHA512 } else { hmac::HMAC_SHA256 };
        hmac::sign(&hmac::Key::new(algorithm, key), text).as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7677() {
        let scram = Scram { is_long: false, nonce: "rOprNGfwEbeRWgbNEkqO".into() };
        let bare = scram.first("user");
        let first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let (message, expected) = scram.proof(&bare, first, "pencil").unwrap();
        assert!(message.ends_with(",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="), "{message}");
        assert_eq!(STANDARD.encode(expected), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        for first in
            ["", "r=x,s=AA==,i=1", "r=rOprNGfwEbeRWgbNEkqO1,s=AA==,i=2000000", "r=rOprNGfwEbeRWgbNEkqO1,i=1"]
        {
            assert!(scram.proof(&bare, first, "pencil").is_err(), "{first}");
        }
    }
}
