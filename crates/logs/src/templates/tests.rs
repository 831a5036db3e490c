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
        ("took 3.2 KB of 4 GB", "took <*> of <*>"),
        ("lost rack-[40-63] and cn[001,7] of sshd[12]", "lost <*> and <*> of sshd[<*>]"),
        ("from 10.0.0.1 () at noon, run() ended", "from <*> (<*>) at noon, run() ended"),
        ("user= host=a b = c", "user=<*> host=<*> b = c"),
        ("opened at Fri Jun 17 07:07:00 2005 by May", "opened at <*> by May"),
        ("due Jun  7, Sun, 22 Jun and Sun Fri", "due <*> Jun and Sun Fri"),
        ("Port_Brcm43xx::wake: woken by fe80::1", "Port_Brcm43xx::wake: woken by <*>"),
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

#[test]
fn many_names_at_one_place_become_a_hole() {
    let mut grouper = Grouper::default();
    let ids: Vec<GroupId> = ["ann", "bob", "eve", "joe", "kim", "lea", "7"]
        .iter()
        .map(|n| grouper.add(&format!("Failed login for {n} from desk")))
        .collect();
    assert!(ids.iter().all(|id| grouper.resolve(*id) == grouper.resolve(ids[0])));
    assert_eq!(grouper.template(ids[1]), "Failed login for <*> from desk");
    assert_eq!(grouper.len(), 1);
}

/// Adds the messages and says how many groups they are.
fn groups(messages: &[&str]) -> usize {
    let mut grouper = Grouper::default();
    messages.iter().for_each(|m| {
        grouper.add(m);
    });
    grouper.len()
}

#[test]
fn names_show_sooner_than_words() {
    assert_eq!(groups(&["link eth0 is up", "link eth1 is up"]), 1);
    assert_eq!(groups(&["session closed for user root", "session closed for user ann"]), 1);
    assert_eq!(groups(&["user started it", "user stopped it"]), 2);
    let queues = ["queue pickOrders is full", "queue packOrders is full", "queue sendOrders is full"];
    assert_eq!(groups(&queues[..2]), 2);
    assert_eq!(groups(&queues), 1);
    assert_eq!(groups(&["the door is open", "the gate is open", "the hatch is open"]), 3);
}

#[test]
fn few_words_and_states_stay_apart() {
    let mut grouper = Grouper::default();
    for state in ["NEW", "READY", "RUNNING", "DONE", "FAILED", "LOST"] {
        grouper.add(&format!("order moved to {state} now"));
    }
    for verb in ["opened", "closed", "locked"] {
        grouper.add(&format!("session {verb} for user root"));
    }
    assert_eq!(grouper.len(), 9);
}

#[test]
fn memory_is_bounded() {
    let mut grouper = Grouper::default();
    let word =
        |n: u32| -> String { (0..6).map(|d| char::from(b'a' + (n / 12u32.pow(d) % 12) as u8)).collect() };
    for n in 0..140_000 {
        grouper.add(&word(n));
    }
    assert!(grouper.len() <= (1 << 17) + 1);
    assert_eq!(grouper.template(grouper.resolve(GroupId(1 << 17))), HOLE);
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
