use super::*;

#[test]
fn variable_parts_become_holes() {
    for (message, template) in [
        ("order 1001 picked in 12ms", "order <*> picked in <*>"),
        ("order A-1001-x picked", "order <*> picked"),
        ("user 6f1e0f0e-7f4e-4c1e-9d38-5a4c3f6b2a10 not found", "user <*> not found"),
        ("connect to 10.0.0.1:5432 failed", "connect to <*> failed"),
        ("reading /var/lib/orders/7.json", "reading <*>"),
        ("key \"a b\" missing in 'x'", "key \"<*>\" missing in '<*>'"),
        ("can't pick, doesn't exist", "can't pick, doesn't exist"),
        ("state=READY attempt=3 took=1.5s", "state=<*> attempt=<*> took=<*>"),
        ("orderId: 12, sku: AB12CD", "orderId: <*>, sku: <*>"),
        ("ids [1, 2, 3] done", "ids [<*>] done"),
        ("ids [1] done", "ids [<*>] done"),
        ("at 2026-11-22T10:11:12.345Z and 2026-11-22 10:11:12", "at <*> and <*>"),
        ("topic orders.v1 uses HTTP/1.1 and utf8", "topic orders.v1 uses HTTP/1.1 and utf8"),
        ("Enrichment failed: no product\nrow 12", "Enrichment failed: no product"),
        ("", ""),
    ] {
        assert_eq!(template_of(message), template, "{message}");
    }
}

#[test]
fn masking_is_bounded() {
    let long = "x1 ".repeat(1 << 20);
    assert!(template_of(&long).len() < 5000);
}

#[test]
fn groups_are_stable() {
    let mut grouper = Grouper::default();
    let a = grouper.add("order 1 picked");
    let b = grouper.add("stock low");
    assert_eq!(grouper.add("order 2 picked"), a);
    assert_ne!(a, b);
    assert_eq!(grouper.template(a), "order <*> picked");
    assert_eq!(grouper.template(GroupId(99)), "");
}

proptest::proptest! {
    #[test]
    fn any_text_is_masked(text in ".{0,200}") {
        let once = template_of(&text);
        proptest::prop_assert_eq!(template_of(&text), once);
        Grouper::default().add(&text);
    }

    #[test]
    fn any_marks_are_masked(text in r#"["'`=:/.\-_@#\[\], a1é<>*\n]{0,60}"#) {
        template_of(&text);
    }
}
