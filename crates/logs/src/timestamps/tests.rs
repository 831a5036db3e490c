use super::*;

fn read(text: &str) -> String {
    read_with(text, Hints::default())
}

fn read_with(text: &str, hints: Hints) -> String {
    match parse_prefix(text.as_bytes(), hints) {
        None => "-".into(),
        Some(s) => {
            let time = s.time.map_or("?".into(), |t| t.to_string());
            format!("{time}{} +{}", if s.zone_assumed { " assumed" } else { "" }, s.len)
        }
    }
}

#[test]
fn iso_and_its_variants() {
    assert_eq!(read("2026-11-22T10:11:12.345Z x"), "2026-11-22T10:11:12.345Z +24");
    assert_eq!(read("2026-11-22 10:11:12,345 x"), "2026-11-22T10:11:12.345Z assumed +23");
    assert_eq!(read("2026-11-22 10:11:12.3456789 +02:00 [INF]"), "2026-11-22T08:11:12.345678900Z +34");
    assert_eq!(read("2026-11-22T10:11:12+0100 x"), "2026-11-22T09:11:12Z +24");
    assert_eq!(read("2026-11-22 10:11:12.345 UTC [77]"), "2026-11-22T10:11:12.345Z +27");
    assert_eq!(read("2026-11-22 10:11:12 CET x"), "2026-11-22T09:11:12Z +23");
    assert_eq!(read("2026-11-22 10:11:12 INFO x"), "2026-11-22T10:11:12Z assumed +19");
    assert_eq!(read("2026/11/22 10:11:12 x"), "2026-11-22T10:11:12Z assumed +19");
    assert_eq!(read("2026.11.22 10:11:12"), "2026-11-22T10:11:12Z assumed +19");
    assert_eq!(read("20261122T101112Z"), "2026-11-22T10:11:12Z +16");
    assert_eq!(read("20261122-10:11:12:345|x"), "2026-11-22T10:11:12.345Z assumed +21");
    assert_eq!(read("261122 101112 9 INFO"), "2026-11-22T10:11:12Z assumed +13");
}

#[test]
fn day_and_month_by_size_then_by_evidence_then_by_habit() {
    assert_eq!(read("22/11/2026 10:11:12"), "2026-11-22T10:11:12Z assumed +19");
    assert_eq!(read("11/22/2026 10:11:12 PM"), "2026-11-22T22:11:12Z assumed +22");
    assert_eq!(read("05.04.2026 10:11:12"), "2026-04-05T10:11:12Z assumed +19");
    assert_eq!(read("04/05/2026 10:11:12"), "2026-04-05T10:11:12Z assumed +19");
    let day_first = Hints { order: Some(DateOrder::DayFirst), ..Hints::default() };
    assert_eq!(read_with("04/05/2026 10:11:12", day_first), "2026-05-04T10:11:12Z assumed +19");
    assert_eq!(read("26/11/22 10:11:12 INFO"), "2026-11-22T10:11:12Z assumed +17");
    assert_eq!(order_evidence(b"22/11/2026 10"), Some(DateOrder::DayFirst));
    assert_eq!(order_evidence(b"11/22/2026 10"), Some(DateOrder::MonthFirst));
    assert_eq!(order_evidence(b"11/12/2026 10"), None);
}

#[test]
fn month_names() {
    assert_eq!(read("22/Nov/2026:10:11:12 +0100] x"), "2026-11-22T09:11:12Z +26");
    assert_eq!(read("22-Nov-2026 10:11:12.345 x"), "2026-11-22T10:11:12.345Z assumed +24");
    assert_eq!(read("Nov 22, 2026 10:11:12 AM x"), "2026-11-22T10:11:12Z assumed +24");
    assert_eq!(read("Sun Nov 22 10:11:12.345678 2026] x"), "2026-11-22T10:11:12.345678Z assumed +31");
    assert_eq!(read("Sun Nov 22 10:11:12 UTC 2026"), "2026-11-22T10:11:12Z +28");
    assert_eq!(read("Sun, 22 Nov 2026 10:11:12 GMT"), "2026-11-22T10:11:12Z +29");
    assert_eq!(read("22 Nov 2026 10:11:12,345"), "2026-11-22T10:11:12.345Z assumed +24");
}

#[test]
fn no_year_needs_a_hint() {
    assert_eq!(read("Nov  2 10:11:12 host"), "? assumed +15");
    let hints = Hints { year: Some(2026), ..Hints::default() };
    assert_eq!(read_with("Nov  2 10:11:12 host", hints), "2026-11-02T10:11:12Z assumed +15");
    assert_eq!(read_with("11-22 10:11:12.345  17", hints), "2026-11-22T10:11:12.345Z assumed +18");
}

#[test]
fn clock_alone_has_no_moment() {
    assert_eq!(read("10:11:12.345 [main]"), "? assumed +12");
    assert_eq!(read("3:04PM INF"), "? assumed +6");
}

#[test]
fn epochs_by_size() {
    assert_eq!(read("1795342272 x"), "2026-11-22T10:11:12Z +10");
    assert_eq!(read("1795342272.345 x"), "2026-11-22T10:11:12.345Z +14");
    assert_eq!(read("1795342272345 x"), "2026-11-22T10:11:12.345Z +13");
    assert_eq!(from_number(1_795_342_272.5), Timestamp::parse_rfc3339("2026-11-22T10:11:12.5Z"));
    assert_eq!(from_number(1_795_342_272_345.0), Timestamp::parse_rfc3339("2026-11-22T10:11:12.345Z"));
    assert_eq!(from_nanos_text("1795342272345678901").unwrap().to_string(), "2026-11-22T10:11:12.345678901Z");
    assert_eq!(from_number(17.0), None);
}

#[test]
fn what_is_no_time() {
    for text in [
        "",
        "2026",
        "1.2.3.4 - -",
        "Order 12",
        "12 orders",
        "May the order",
        "2026-13-40 10:00:00",
        "10.0.0.1:80",
        "99:99:99",
    ] {
        assert_eq!(read(text), "-", "{text}");
    }
}

#[test]
fn whole_texts() {
    assert!(parse("2026-11-22", Hints::default()).is_some());
    assert!(parse("2026-11-22T10:11:12Z and more", Hints::default()).is_none());
}

#[test]
fn zeros_left_out_behind_a_date() {
    let stamp = parse_prefix(b"20261122-10:1:2:45|x", Hints::default()).unwrap();
    assert_eq!((stamp.time.unwrap().to_string().as_str(), stamp.len), ("2026-11-22T10:01:02.450Z", 18));
    assert_eq!(parse_prefix(b"20261122-10:11:2:345|x", Hints::default()).unwrap().len, 20);
    assert!(parse_prefix(b"1:2:3 x", Hints::default()).is_none());
}
