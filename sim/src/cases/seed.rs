//! The incident that defines the product: everybody looks at the first service's enrichment failures, while the second
//! service's consumer throws duplicate keys because an import took the order numbers.

use serde_json::json;

use crate::kafka::Next;
use crate::log::{Exc, Fmt, Who, Zip, debug, error, info, java_exc, warn};
use crate::time::{HOUR, MINUTE, at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const HOP: &str = "orders.accepted.v1 -> pick.picks";
const HOTFIX: &str = "2026-03-12T12:10:00Z";
const IMPORT: &str = "2026-03-12T09:20:00Z";

pub fn build(w: &mut World) {
    w.span("2026-03-12T05:00:00Z", "2026-03-12T14:00:00Z");
    w.question(
        "brightcart",
        Entity {
            name: "order",
            table: "orders.orders",
            key: "id",
            state: "status",
            stuck: "ACCEPTED",
            minutes: 30,
            done: &["READY_TO_PICK", "SHIPPED"],
        },
    );
    stores(w);
    let code = w.spot("pick-service", "PickStore.java", "jdbc.update(");
    w.cause("duplicate_key", "pick-service", HOP).keys("pick.picks", &["order_id"]).code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "order-service")],
        "A take-over of a second warehouse's open picks at 09:20 put rows into pick.picks whose order numbers run into the \
         shop's own range, so pick-service's INSERT for an order with such a number violates picks_order_id_key and READY_TO_PICK \
         is never published back. The re-send job published the stuck orders every ten minutes all along, before the hotfix 2.14.1 \
         at 12:10 as after it. The loud enrichment failures of order-service hit completed orders alike and were always retried with success.",
    );
    traffic(w);
}

fn stores(w: &mut World) {
    w.service("order-service", Fmt::Boot, 2, &["orders"])
        .zone("Europe/Berlin")
        .rotate(&["2026-03-12T10:00:00Z", "2026-03-12T13:30:00Z"], Zip::Gz);
    w.service("pick-service", Fmt::Logstash, 3, &["pick"])
        .rotate(&["2026-03-12T09:00:00Z", "2026-03-12T13:59:00Z"], Zip::Zst)
        .skew(380);
    w.service("catalog-service", Fmt::SlogJson, 1, &[]).zip(Zip::Gz).skew(-150);
    w.topic("orders.accepted.v1", 6, Zip::Zst);
    w.topic("picks.ready.v1", 6, Zip::Gz);
    w.topic("shipments.dispatched.v1", 3, Zip::Gz);
    w.table_with(
        "orders.orders",
        &[
            "id INTEGER PRIMARY KEY",
            "customer_id INTEGER NOT NULL",
            "status TEXT NOT NULL",
            "total_cents INTEGER NOT NULL",
            "channel TEXT NOT NULL",
            "resends INTEGER NOT NULL",
            "created_at TEXT NOT NULL",
            "updated_at TEXT NOT NULL",
        ],
        &["CREATE INDEX orders_status_idx ON orders (status)"],
    );
    w.table(
        "pick.picks",
        &[
            "order_id INTEGER NOT NULL CONSTRAINT picks_order_id_key UNIQUE",
            "pick_no TEXT NOT NULL PRIMARY KEY",
            "zone TEXT NOT NULL",
            "state TEXT NOT NULL",
            "source TEXT NOT NULL",
            "created_at TEXT NOT NULL",
        ],
    );
    w.consume("pick-service", "orders.accepted.v1", "pick-service", |w, who, msg, _| {
        let id = msg.text("orderId");
        plan_pick(w, who, &id, &msg.place())
    });
    w.consume("order-service", "picks.ready.v1", "order-service", |w, who, msg, _| {
        let (id, pick) = (msg.text("orderId"), msg.text("pickNo"));
        w.spend(2, 9);
        let now = sql(w.now);
        if w.get("orders.orders", &id, "status") == "ACCEPTED" {
            w.set("orders.orders", &id, &json!({"status": "READY_TO_PICK", "updated_at": now}));
        }
        w.log(
            who,
            info("com.brightcart.order.OrderService", format!("Order {id} is READY_TO_PICK (pick {pick})")),
        );
        Next::Ack
    });
    w.consume("order-service", "shipments.dispatched.v1", "order-service", |w, who, msg, _| {
        let (id, tracking) = (msg.text("orderId"), msg.text("trackingNo"));
        w.spend(2, 9);
        let now = sql(w.now);
        w.set("orders.orders", &id, &json!({"status": "SHIPPED", "updated_at": now}));
        w.log(
            who,
            info("com.brightcart.order.OrderService", format!("Order {id} is SHIPPED, tracking {tracking}")),
        );
        Next::Ack
    });
}

fn traffic(w: &mut World) {
    for (service, gap) in [("order-service", 50), ("pick-service", 60), ("catalog-service", 55)] {
        w.noise(service, gap);
    }
    w.arrivals(w.start, w.end, 30_500, |w, _| accept(w));
    w.at(at(IMPORT), take_over);
    w.every(w.start + 10 * MINUTE, 10 * MINUTE, 0, resend);
    w.at(at(HOTFIX), |w| {
        for pod in 0..2 {
            let who = w.worker("order-service", pod, "SpringApplicationShutdownHook");
            let logger = "org.springframework.boot.web.embedded.tomcat.GracefulShutdown";
            w.log(
                &who,
                info(logger, "Commencing graceful shutdown. Waiting for active requests to complete"),
            );
            w.spend(3000, 7000);
            w.boot_lines("order-service", pod, "2.14.1", "com.brightcart.order.OrderApplication");
            w.spend(9000, 20_000);
        }
    });
    for pod in 0..2 {
        w.at(w.start + 900 * (pod as i64 + 1), move |w| {
            w.boot_lines("order-service", pod, "2.14.0", "com.brightcart.order.OrderApplication");
        });
    }
}

impl World {
    /// Spends time on one item of many; in a bigger company, on one of so many.
    fn step(&mut self, low: i64, high: i64) {
        if self.scale == 1 || self.chance(1.0 / self.scale as f64) {
            self.spend(low, high);
        }
    }
}

/// How many lines an order has.
fn lines_of(order: i64) -> i64 {
    (order * 7919) % 31 % 7 + 1
}

fn accept(w: &mut World) {
    let id = w.next("order", 48_211);
    let key = id.to_string();
    let customer = w.between(70_000, 79_999);
    let lines = lines_of(id);
    let who = w.web("order-service");
    let channel = w.pick(&["WEB", "WEB", "APP", "APP", "STORE"]);
    let (now, total) = (sql(w.now), w.between(990, 48_000));
    w.insert(
        "orders.orders",
        &json!({"id": id, "customer_id": customer, "status": "ACCEPTED", "total_cents": total,
            "channel": channel, "resends": 0, "created_at": now, "updated_at": now}),
    );
    let message = format!("Order {id} accepted: {lines} lines for customer {customer}");
    w.log(&who, info("com.brightcart.order.OrderService", message));
    let pod = who.pod;
    w.after(40, move |w| enrich(w, &key, lines, 1, pod));
    if w.chance(0.012) {
        let (key, wait) = (id.to_string(), w.between(3 * MINUTE, 40 * MINUTE));
        w.after(wait, move |w| cancel(w, &key));
    }
}

fn cancel(w: &mut World, id: &str) {
    if w.get("orders.orders", id, "status") == "SHIPPED" {
        return;
    }
    let (who, now) = (w.web("order-service"), sql(w.now));
    w.set("orders.orders", id, &json!({"status": "CANCELLED", "updated_at": now}));
    w.log(&who, info("com.brightcart.order.CancelController", format!("Order {id} cancelled by customer")));
}

/// Calls the catalog; fails now and then, often while the catalog is slow in the half hour after the import.
fn enrich(w: &mut World, id: &str, lines: i64, attempt: u32, pod: usize) {
    let who = w.worker("order-service", pod, &format!("enrich-{}", attempt % 4 + 1));
    let slow = (at("2026-03-12T09:24:00Z")..at("2026-03-12T09:51:00Z")).contains(&w.now);
    let fails = attempt < 4 && w.chance(if slow { 0.38 } else { 0.05 });
    let catalog = w.web("catalog-service");
    w.spend(10, 60);
    if fails {
        let took = w.between(2001, 2060);
        w.now += took;
        w.log(
            &catalog,
            error("", "lookup failed")
                .kv("path", "/v1/products:lookup")
                .kv("status", 503)
                .kv("duration_ms", took)
                .kv("err", "upstream pim: context deadline exceeded"),
        );
        let failure = enrichment_failure(w, id);
        let message = format!(
            "Enrichment of order {id} failed (attempt {attempt}): product and customer data incomplete"
        );
        w.log(&who, error("com.brightcart.order.OrderService", message).exc(failure));
        let (id, wait) = (id.to_owned(), w.between(15_000, 25_000));
        w.after(wait, move |w| enrich(w, &id, lines, attempt + 1, pod));
        return;
    }
    w.log(&catalog, info("", "lookup").kv("path", "/v1/products:lookup").kv("skus", lines).kv("status", 200));
    w.spend(8, 25);
    publish(w, &who, id, lines);
}

fn enrichment_failure(w: &mut World, id: &str) -> Exc {
    let throws = w.line("order-service", "CatalogClient.java", "throw new");
    let calls = w.line("order-service", "CatalogClient.java", "http.post()");
    let service = w.line("order-service", "OrderService.java", "catalog.enrich(order)");
    java_exc(
        false,
        &[
            (
                "com.brightcart.order.CatalogException",
                &format!("no product data for order {id}"),
                &[
                    &format!("com.brightcart.order.CatalogClient.enrich(CatalogClient.java:{throws})"),
                    &format!(
                        "com.brightcart.order.OrderService.enrichAndPublish(OrderService.java:{service})"
                    ),
                ],
            ),
            (
                "org.springframework.web.client.HttpServerErrorException$ServiceUnavailable",
                "503 Service Unavailable on POST request for \"http://catalog-service:8080/v1/products:lookup\": \"upstream pim: context deadline exceeded\"",
                &[
                    "org.springframework.web.client.HttpServerErrorException.create(HttpServerErrorException.java:113)",
                    "org.springframework.web.client.StatusHandler.lambda$defaultHandler$3(StatusHandler.java:86)",
                    &format!("com.brightcart.order.CatalogClient.enrich(CatalogClient.java:{calls})"),
                ],
            ),
        ],
    )
}

fn publish(w: &mut World, who: &Who, id: &str, lines: i64) {
    let customer = w.value("orders.orders", id, "customer_id").cloned();
    let channel = w.get("orders.orders", id, "channel");
    let number: i64 = id.parse().unwrap_or_default();
    let items: Vec<_> = (0..lines)
        .map(|line| json!({"sku": format!("BC-{}", 1000 + (number * 37 + line * 911) % 8999), "qty": 1 + (number + line) % 3}))
        .collect();
    let payload = json!({"orderId": number, "customerId": customer, "channel": channel, "lines": items,
        "acceptedAt": iso(w.now)});
    let trace = format!("00-{}-{}-01", w.hex(32), w.hex(16));
    w.produce(
        "orders.accepted.v1",
        Some(id),
        &[("traceparent", trace), ("type", "OrderAccepted".to_owned())],
        &payload,
    );
    w.log(
        who,
        debug("com.brightcart.order.OrderPublisher", format!("Published order {id} to orders.accepted.v1")),
    );
}

/// The job that sends again what stays in ACCEPTED; since the hotfix it enriches anew first, to no avail.
fn resend(w: &mut World) {
    let who = w.worker("order-service", 0, "scheduling-1");
    let (now, patience) = (sql(w.now), sql(w.now - 15 * MINUTE));
    let waiting: Vec<String> = w
        .keys_where("orders.orders", "status", "ACCEPTED")
        .into_iter()
        .filter(|id| w.get("orders.orders", id, "created_at") < patience)
        .collect();
    if waiting.is_empty() {
        return;
    }
    let count = waiting.len();
    let message = format!("{count} orders still ACCEPTED after 15 minutes, sending them again");
    w.log(&who, warn("com.brightcart.order.ResendJob", message));
    let hotfix = w.now > at(HOTFIX);
    for id in waiting {
        w.step(3, 18);
        let resends =
            w.value("orders.orders", &id, "resends").and_then(serde_json::Value::as_i64).unwrap_or(0) + 1;
        w.set("orders.orders", &id, &json!({"updated_at": now, "resends": resends}));
        let lines = lines_of(id.parse().unwrap_or_default());
        if hotfix && w.chance(0.01) {
            let id = id.clone();
            w.after(20, move |w| enrich(w, &id, lines, 3, 0));
        } else {
            publish(w, &who, &id, lines);
        }
    }
}

/// The take-over of a second warehouse: its open picks carry numbers that the shop will reach soon.
fn take_over(w: &mut World) {
    let next = w.next("order", 48_211);
    let who = w.worker("pick-service", 0, "task-1");
    let (mut count, created) = (0, at("2026-03-12T04:00:00Z"));
    for number in next + 1..next + 640 * w.scale {
        if !w.chance(0.42) {
            continue;
        }
        count += 1;
        w.step(1, 6);
        let (zone, age) = (w.pick(&["N1", "N2", "N3"]), w.between(0, 30 * HOUR));
        let pick = w.next("wms", 2_100_400);
        w.insert(
            "pick.picks",
            &json!({"order_id": number, "pick_no": format!("N-{pick}"), "zone": zone, "state": "OPEN",
                "source": "WMS-NORTH", "created_at": sql(created - age)}),
        );
    }
    w.log(
        &who,
        info("com.brightcart.pick.WmsImport", format!("Took over {count} open picks from WMS-NORTH")),
    );
}

fn plan_pick(w: &mut World, who: &Who, id: &str, place: &str) -> Next {
    let number: i64 = id.parse().unwrap_or_default();
    w.spend(2, 6);
    w.log(
        who,
        info(
            "com.brightcart.pick.PickConsumer",
            format!("Planning pick for order {id} ({} lines)", lines_of(number)),
        ),
    );
    w.spend(2, 14);
    if w.has("pick.picks", id) {
        if w.get("pick.picks", id, "state") != "OPEN" {
            let message = format!("Order {id} has been planned before, nothing to do");
            w.log(who, info("com.brightcart.pick.PickConsumer", message));
            return Next::Ack;
        }
        let failure = duplicate(w, id);
        let message = format!(
            "Backoff FixedBackOff{{interval=0, currentAttempts=1, maxAttempts=0}} exhausted for {place}"
        );
        w.log(who, error("org.springframework.kafka.listener.DefaultErrorHandler", message).exc(failure));
        w.blame(id, 0);
        w.violated(id, 0, json!(number));
        return Next::Ack;
    }
    let zone = w.pick(&["A", "A", "B", "C"]);
    let pick = format!("P-{}", w.next("pick", 700_118));
    w.insert(
        "pick.picks",
        &json!({"order_id": number, "pick_no": pick, "zone": zone, "state": "READY", "source": "SHOP",
            "created_at": sql(w.now)}),
    );
    w.spend(2, 8);
    let payload = json!({"orderId": number, "pickNo": pick, "zone": zone, "readyAt": iso(w.now)});
    w.produce("picks.ready.v1", Some(id), &[("type", "PickReady".to_owned())], &payload);
    w.log(
        who,
        info(
            "com.brightcart.pick.PickConsumer",
            format!("Pick {pick} for order {id} is ready in zone {zone}"),
        ),
    );
    let (id, wait, pod) = (id.to_owned(), w.between(50 * MINUTE, 4 * HOUR), who.pod);
    w.after(wait, move |w| dispatch(w, &id, &pick, pod));
    Next::Ack
}

fn dispatch(w: &mut World, id: &str, pick: &str, pod: usize) {
    if w.get("orders.orders", id, "status") != "READY_TO_PICK" {
        return;
    }
    let who = w.worker("pick-service", pod, "dispatch-1");
    let tracking = format!("00{}", w.between(340_000_000_000_000, 349_999_999_999_999));
    w.set("pick.picks", id, &json!({"state": "DISPATCHED"}));
    let number: i64 = id.parse().unwrap_or_default();
    let payload =
        json!({"orderId": number, "pickNo": pick, "trackingNo": tracking, "dispatchedAt": iso(w.now)});
    w.produce("shipments.dispatched.v1", Some(id), &[("type", "ShipmentDispatched".to_owned())], &payload);
    w.log(
        &who,
        info("com.brightcart.pick.DispatchDesk", format!("Pick {pick} dispatched, tracking {tracking}")),
    );
}

fn duplicate(w: &mut World, id: &str) -> Exc {
    let insert = w.line("pick-service", "PickStore.java", "jdbc.update(");
    let consumer = w.line("pick-service", "PickConsumer.java", "store.insert(");
    let detail = format!(
        "ERROR: duplicate key value violates unique constraint \"picks_order_id_key\"\n  Detail: Key (order_id)=({id}) already exists."
    );
    java_exc(
        true,
        &[
            (
                "org.springframework.kafka.listener.ListenerExecutionFailedException",
                "Listener method 'public void com.brightcart.pick.PickConsumer.onOrderAccepted(org.apache.kafka.clients.consumer.ConsumerRecord<java.lang.String, java.lang.String>) throws java.lang.Exception' threw exception",
                &[
                    "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.decorateException(KafkaMessageListenerContainer.java:2873)",
                ],
            ),
            (
                "org.springframework.dao.DuplicateKeyException",
                &format!(
                    "PreparedStatementCallback; SQL [INSERT INTO picks (order_id, pick_no, zone, state, source, created_at) VALUES (?, ?, ?, 'READY', 'SHOP', now())]; {detail}"
                ),
                &[
                    "org.springframework.jdbc.support.SQLStateSQLExceptionTranslator.doTranslate(SQLStateSQLExceptionTranslator.java:124)",
                    "org.springframework.jdbc.core.JdbcTemplate.translateException(JdbcTemplate.java:1556)",
                    "org.springframework.jdbc.core.JdbcTemplate.update(JdbcTemplate.java:1001)",
                    &format!("com.brightcart.pick.PickStore.insert(PickStore.java:{insert})"),
                    &format!(
                        "com.brightcart.pick.PickConsumer.onOrderAccepted(PickConsumer.java:{consumer})"
                    ),
                ],
            ),
            (
                "org.postgresql.util.PSQLException",
                &detail,
                &[
                    "org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2733)",
                    "org.postgresql.core.v3.QueryExecutorImpl.processResults(QueryExecutorImpl.java:2420)",
                    "org.postgresql.jdbc.PgPreparedStatement.executeUpdate(PgPreparedStatement.java:155)",
                ],
            ),
        ],
    )
}
