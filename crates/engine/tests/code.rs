//! Which places of the code a cause is told with, as docs/verdict.md says (R103 to R105): the smallest incident that shows
//! each rule, and one that just misses it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod common {
    #[allow(dead_code, reason = "each test file uses its part of it")]
    pub mod bundle;
}

use common::bundle::*;
use waylaid_model::Diagnosis;

/// Each third order is taken by nobody, and nothing sets it apart.
fn skipped(code: &'static str, says: bool) -> Diagnosis {
    let mut shop = Shop::new();
    shop.code.push((PICKS, "src/desk.ts", code));
    for n in 0..45 {
        if n % 3 == 0 {
            shop.orders(1, |shop, order| {
                shop.born(order, "ACCEPTED", 0);
                shop.sent(order);
            });
            continue;
        }
        shop.orders(1, |shop, order| {
            shop.born(order, "DONE", 3 * SECOND);
            shop.sent(order);
            shop.row("pick.picks", pick(order, order.at + 2_100));
            if says {
                shop.log(PICKS, order.at + 2_200, "INFO", &format!("Order {} goes to the belt", order.key));
            }
            shop.replied(order);
        });
    }
    shop.diagnose()
}

fn places(diagnosis: &Diagnosis) -> Vec<(&str, u64)> {
    only(diagnosis).code.iter().map(|p| (p.path.as_str(), p.line)).collect()
}

const DESK: &str = "export class Desk {\n  async take(order: Order) {\n    const belt = await this.belts.next();\n    if (belt.full && order.weight > belt.left) return;\n    await this.put(order, belt);\n  }\n  private async put(order: Order, belt: Belt) {\n    await this.picks.keep(order.id);\n    this.logger.info(`Order ${order.id} goes to the belt`);\n  }\n}\n";

#[test]
fn r103_what_leaves_before_what_is_said_of_the_completed_is_told() {
    let diagnosis = skipped(DESK, true);
    assert_eq!(places(&diagnosis), [("src/desk.ts", 4)]);
    assert!(only(&diagnosis).code[0].role.ends_with("(candidate)"));
    // Nothing is said: no place is known that the completed reach.
    assert!(places(&skipped(DESK, false)).is_empty());
}

#[test]
fn r104_a_line_names_its_statement_by_its_logger() {
    // Two classes say the same; the logger tells which of them said it.
    let other = "export class Night {\n  async take(order: Order) {\n    if (order.late) return;\n    this.logger.info(`Order ${order.id} goes to the belt`);\n  }\n}\n";
    for (logger, path) in [("Desk", "src/desk.ts"), ("Night", "src/night.ts")] {
        let mut shop = Shop::new();
        shop.code.push((PICKS, "src/desk.ts", DESK));
        shop.code.push((PICKS, "src/night.ts", other));
        for n in 0..45 {
            let order = shop.order();
            shop.born(&order, ["ACCEPTED", "DONE", "DONE"][n % 3], 3 * SECOND);
            shop.sent(&order);
            if n % 3 > 0 {
                shop.row("pick.picks", pick(&order, order.at + 2_100));
                let fields = serde_json::json!({"logger_name": logger});
                let said = format!("Order {} goes to the belt", order.key);
                shop.log_with(PICKS, order.at + 2_200, "INFO", &said, fields);
                shop.replied(&order);
            }
        }
        assert_eq!(places(&shop.diagnose())[0].0, path);
    }
}

#[test]
fn r105_the_only_handler_is_told_although_the_code_names_no_topic() {
    let one = "package com.shop;\nclass PickConsumer {\n  void handle(Order order) {\n    if (order.express()) {\n      return;\n    }\n    picks.keep(order);\n  }\n}\n";
    let two = "package com.shop;\nclass PickConsumer {\n  void handle(Order order) {\n    picks.keep(order);\n  }\n}\nclass StockConsumer {\n  void handle(Stock stock) {\n    if (stock.empty()) {\n      return;\n    }\n  }\n}\n";
    let lines = |code| places(&skipped(code, false)).iter().map(|p| p.1).collect::<Vec<_>>();
    assert_eq!(lines(one), [4, 3]);
    // Two that may be it: neither is told.
    assert!(lines(two).is_empty());
}
