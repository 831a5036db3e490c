//! A hop without a topic: one service calls the next over HTTP. One of its two instances has a full disk; its errors name
//! the request only, and the caller's line ties the request to the policy.

use serde_json::json;

use super::Reply;
use crate::log::{Exc, Fmt, Zip, error, info, python_exc, warn};
use crate::time::{MINUTE, at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

pub fn build(w: &mut World) {
    w.span("2026-05-12T06:00:00Z", "2026-05-12T12:00:00Z");
    w.question(
        "albatros",
        Entity {
            name: "policy",
            table: "under.policies",
            key: "policy_no",
            state: "status",
            stuck: "BOUND",
            minutes: 30,
            done: &["ISSUED"],
        },
    );
    w.service("underwriting", Fmt::Logback, 2, &["under"])
        .zone("Europe/Rome")
        .rotate(&["2026-05-12T11:20:00Z"], Zip::Gz);
    w.service("documents", Fmt::Python, 2, &["docs"]).zip(Zip::Gz).skew(-260);
    w.topic("documents.ready", 3, Zip::Gz);
    w.table(
        "under.policies",
        &[
            "policy_no TEXT PRIMARY KEY",
            "holder TEXT NOT NULL",
            "line TEXT NOT NULL",
            "status TEXT NOT NULL",
            "bound_at TEXT NOT NULL",
            "status_at TEXT NOT NULL",
        ],
    );
    w.table(
        "docs.documents",
        &[
            "doc_id TEXT PRIMARY KEY",
            "policy_no TEXT NOT NULL",
            "pages INTEGER NOT NULL",
            "created_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("documents", "render.py", "handle.write(");
    w.cause("resource_exhausted", "documents", "under.policies -> docs.documents").code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "underwriting")],
        "underwriting asks documents over HTTP to render a bound policy and gets a 202 at once. Since 09:05 the disk of one of the two instances of documents is full (ENOSPC), \
         so what that instance is asked for is never written. Its errors name the request id alone; underwriting's request lines hold both request and policy. \
         The reinsurance look-ups that time out in underwriting hit issued policies alike.",
    );
    w.noise("underwriting", 45);
    w.noise("documents", 50);
    w.reply(Reply {
        group: "underwriting",
        topic: "documents.ready",
        service: "underwriting",
        field: "policyNo",
        from: "BOUND",
        to: "ISSUED",
        stamp: "status_at",
        line: |id, _| info("it.albatros.underwriting.DocumentListener", format!("Policy {id} issued")),
    });
    w.arrivals(w.start, w.end, 44_000, |w, _| bind(w));
}

fn bind(w: &mut World) {
    let policy = format!("AB{:07}/{}", w.next("policy", 1_204_881), w.between(1, 3));
    let (holder, line) = (format!("H{}", w.between(40_000, 89_999)), w.pick(&["AUTO", "CASA", "VITA"]));
    let (who, now) = (w.web("underwriting"), sql(w.now));
    w.insert(
        "under.policies",
        &json!({"policy_no": policy, "holder": holder, "line": line, "status": "BOUND", "bound_at": now, "status_at": now}),
    );
    w.log(&who, info("it.albatros.underwriting.BindService", format!("Policy {policy} bound for {holder}")));
    if w.chance(0.13) {
        let message = format!(
            "No reinsurance quote for policy {policy}: java.net.SocketTimeoutException: Read timed out"
        );
        w.log(&who, warn("it.albatros.underwriting.ReinsuranceClient", message));
    }
    w.spend(20, 120);
    let request = w.hex(12);
    let message = format!("POST http://documents/v1/render policy {policy} request {request} -> 202");
    w.log(&who, info("it.albatros.underwriting.DocumentClient", message));
    let pod = usize::from(w.chance(0.38));
    w.after(6, move |w| render(w, &policy, &request, pod));
}

fn render(w: &mut World, policy: &str, request: &str, pod: usize) {
    let who = w.worker("documents", pod, "ThreadPoolExecutor-0_2");
    w.log(&who, info("documents.api", format!("request {request} accepted")));
    let (policy, request, wait) = (policy.to_owned(), request.to_owned(), w.between(20_000, 3 * MINUTE));
    w.after(wait, move |w| {
        let who = w.worker("documents", pod, &format!("render-{}", wait % 4));
        if pod == 1 && w.now > at("2026-05-12T09:05:00Z") {
            let exc = no_space(w, &request);
            w.log(&who, error("documents.render", format!("request {request} failed")).exc(exc));
            w.blame(&policy, 0);
            return;
        }
        let (doc, pages, now) = (w.uuid(), w.between(4, 38), sql(w.now));
        w.insert(
            "docs.documents",
            &json!({"doc_id": doc, "policy_no": policy, "pages": pages, "created_at": now}),
        );
        w.log(
            &who,
            info("documents.render", format!("request {request} rendered, {pages} pages, document {doc}")),
        );
        let payload = json!({"policyNo": policy, "document": doc, "pages": pages, "at": iso(w.now)});
        w.produce("documents.ready", Some(&policy), &[("x-request-id", request)], &payload);
    });
}

fn no_space(w: &mut World, request: &str) -> Exc {
    let write = w.line("documents", "render.py", "handle.write(");
    let call = w.line("documents", "render.py", "self._store(");
    python_exc(&[(
        "OSError",
        &format!("[Errno 28] No space left on device: '/var/spool/documents/{request}.pdf'"),
        &[
            ("/srv/documents/documents/render.py", call, "run", "self._store(job.request_id, pdf)"),
            ("/srv/documents/documents/render.py", write, "_store", "handle.write(pdf)"),
        ],
    )])
}
