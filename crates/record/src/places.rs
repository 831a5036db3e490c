//! Names of a system as names of files: what could lead out of a folder, or be taken for something else, is spelt otherwise.

/// A name that is one part of a path.
pub(crate) fn file(name: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || "-_.@+ ".contains(c) { c } else { '_' };
    let name: String = name.chars().map(safe).take(120).collect();
    let name = name.trim();
    // No hidden file, no `..`, and no file that bundles use for something else.
    match name.chars().next() {
        None => "nameless".to_owned(),
        Some('.' | '_') => format!("x{name}"),
        Some(_) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::file;

    #[test]
    fn no_name_leads_out_of_its_folder() {
        assert_eq!(file("orders.accepted.v1"), "orders.accepted.v1");
        for name in ["..", "../x", "a/b", "", "_topics", ".git", "a\0b", "c:\\x"] {
            let safe = file(name);
            assert!(
                !safe.contains(['/', '\\', '\0']) && !safe.starts_with(['.', '_']) && !safe.is_empty(),
                "{safe}"
            );
        }
    }
}
