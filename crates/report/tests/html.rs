//! The page: its snapshot, and that nothing from a store becomes markup.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing fails")]

mod common;

use common::{ALL, fixture};
use waylaid_report::html;

#[test]
fn diagnoses_as_pages() {
    for name in ALL {
        let page = html::page(&fixture(name)).unwrap();
        if let Ok(folder) = std::env::var("WAYLAID_PAGES") {
            std::fs::write(format!("{folder}/{name}.html"), &page).unwrap();
        }
        let (_, body) = page.split_once("</head>").unwrap();
        insta::assert_snapshot!(format!("html_{name}"), body);
    }
}

#[test]
fn nothing_from_a_store_becomes_markup() {
    let page = html::page(&fixture("hostile")).unwrap();
    assert!(!page.contains("<script"));
    assert!(!page.contains("href=\"http"));
    assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}') && !page.contains('\u{200b}'));
    assert!(page.contains("&lt;script&gt;") || page.contains("&#60;script&#62;"));
}

#[test]
fn the_page_needs_nothing_else() {
    let page = html::page(&fixture("mixture")).unwrap();
    for word in ["src=", "<script", "@import", "url(", "<link"] {
        assert!(!page.contains(word), "{word}");
    }
}
