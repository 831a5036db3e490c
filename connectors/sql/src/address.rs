//! What of an address is secret, and whether it leads away from this machine.

use std::net::IpAddr;

/// Whether a host is this machine: the way to it needs no encryption.
pub fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Every spelling of the password that must not be seen: as the address has it, as the driver read it, as it was given
/// beside it. One or two letters would take the sense out of any message.
pub fn passwords(url: &str, read: Option<String>, given: Option<String>) -> Vec<String> {
    let in_url = url.split_once("://").and_then(|(_, rest)| {
        let (login, _) = rest.rsplit_once('@')?;
        login.split_once(':').map(|(_, password)| password.to_owned())
    });
    [in_url, read, given].into_iter().flatten().filter(|secret| secret.len() > 2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_found_in_all_spellings() {
        let found = passwords("x://u:a%40bc@h/d", Some("a@bc".into()), Some("other".into()));
        assert_eq!(found, ["a%40bc", "a@bc", "other"]);
        assert!(passwords("x://u@h/d", None, Some("ab".into())).is_empty());
        assert!(is_local("127.0.0.9") && is_local("::1") && is_local("localhost") && !is_local("10.0.0.1"));
    }
}
