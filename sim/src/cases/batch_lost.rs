//! One bad item takes its whole batch with it. The error line names only the batch; its members are known through the
//! lines that queued them. Both services log local time without a zone.

use serde_json::{Value, json};

use super::Reply;
use crate::kafka::Next;
use crate::log::{Exc, Fmt, Zip, error, info, python_exc, warn};
use crate::time::{MINUTE, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const RUN: &str = "/srv/settlement/settlement/batch.py";

pub fn build(w: &mut World) {
    w.span("2026-05-06T06:00:00Z", "2026-05-06T13:00:00Z");
    w.question(
        "veritas",
        Entity {
            name: "claim",
            table: "claims.claims",
            key: "claim_no",
            state: "status",
            stuck: "APPROVED",
            minutes: 45,
            done: &["PAID"],
        },
    );
    w.service("claims-api", Fmt::Python, 1, &["claims"])
        .zone("Europe/Madrid")
        .rotate(&["2026-05-06T11:00:00Z"], Zip::Gz);
    w.service("settlement", Fmt::Python, 1, &["settle"]).zone("Europe/Madrid").skew(1400).zip(Zip::Gz);
    w.topic("claims.approved", 3, Zip::Gz);
    w.topic("payouts.created", 3, Zip::Gz);
    w.table(
        "claims.claims",
        &[
            "claim_no TEXT PRIMARY KEY",
            "policy TEXT NOT NULL",
            "status TEXT NOT NULL",
            "amount NUMERIC NOT NULL",
            "deductible NUMERIC NOT NULL",
            "approved_at TEXT NOT NULL",
            "updated_at TEXT NOT NULL",
        ],
    );
    w.table(
        "settle.payouts",
        &[
            "payout_id TEXT PRIMARY KEY",
            "claim_no TEXT NOT NULL UNIQUE",
            "batch_id TEXT NOT NULL",
            "amount NUMERIC NOT NULL CONSTRAINT payouts_amount_check CHECK (amount > 0)",
            "created_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("settlement", "batch.py", "executemany(");
    w.cause("constraint_violation", "settlement", "claims.approved -> settle.payouts").code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "claims-api")],
        "settlement collects approved claims and pays them in batches of a quarter of an hour, one transaction a batch. In three batches \
         one claim's deductible exceeds its amount, so the payout would be negative, payouts_amount_check rejects it and the whole batch is rolled back \
         and forgotten. The error names the batch only; which claims were in it stands in the lines that queued them. \
         The document archive's errors in claims-api hit paid claims alike.",
    );
    w.noise("claims-api", 45);
    w.noise("settlement", 50);
    w.consume("settlement", "claims.approved", "settlement", |w, who, msg, _| {
        let claim = msg.text("claimNo");
        w.spend(2, 12);
        let slot = (w.now - w.start) / (15 * MINUTE) + 1;
        let batch = format!("B20260506-{slot:02}");
        w.log(who, info("settlement.consumer", format!("claim {claim} queued for {batch}")));
        w.truth.lists.entry(batch).or_default().push(claim);
        Next::Ack
    });
    w.every(w.start + 15 * MINUTE + 20_000, 15 * MINUTE, 0, run_batch);
    w.reply(Reply {
        group: "claims-api",
        topic: "payouts.created",
        service: "claims-api",
        field: "claim_no",
        from: "APPROVED",
        to: "PAID",
        stamp: "updated_at",
        line: |id, msg| info("claims.payouts", format!("claim {id} paid, payout {}", msg.text("payout_id"))),
    });
    w.arrivals(w.start, w.end, 75_000, approve);
}

fn approve(w: &mut World, number: i64) {
    let claim = format!("CLM-2026-{:06}", w.next("claim", 40_117));
    let cents = w.between(18_000, 640_000);
    let bad = [74, 155, 229].contains(&number);
    let amount = if bad { 180.0 } else { cents as f64 / 100.0 };
    let deductible = if bad { 250.0 } else { w.pick(&[0.0, 50.0, 150.0]) };
    let (policy, who, now) =
        (format!("POL{}", w.between(1_000_000, 9_999_999)), w.web("claims-api"), sql(w.now));
    w.insert(
        "claims.claims",
        &json!({"claim_no": claim, "policy": policy, "status": "APPROVED", "amount": amount,
        "deductible": deductible, "approved_at": now, "updated_at": now}),
    );
    w.log(
        &who,
        info(
            "claims.review",
            format!(
                "claim {claim} approved by {}",
                ["rgarcia", "mlopez", "autorules"][(number % 3) as usize]
            ),
        ),
    );
    if w.chance(0.14) {
        let exc = python_exc(&[(
            "requests.exceptions.ConnectTimeout",
            "HTTPSConnectionPool(host='archive.veritas.example', port=443): Max retries exceeded with url: /v1/documents",
            &[(
                "/srv/claims/claims/archive.py",
                52,
                "store",
                "response = self.session.post(url, files=files, timeout=4)",
            )],
        )]);
        w.log(&who, error("claims.archive", format!("documents of claim {claim} not archived")).exc(exc));
    }
    w.spend(5, 30);
    let payload = json!({"claimNo": claim, "policy": policy, "amount": amount, "deductible": deductible, "approvedAt": iso(w.now)});
    w.produce("claims.approved", Some(&claim), &[], &payload);
}

fn run_batch(w: &mut World) {
    let slot = (w.now - w.start) / (15 * MINUTE);
    let batch = format!("B20260506-{slot:02}");
    let who = w.worker("settlement", 0, "batch-worker");
    let claims = w.truth.lists.remove(&batch).unwrap_or_default();
    w.log(&who, info("settlement.batch", format!("running {batch} with {} items", claims.len())));
    if w.chance(0.3) {
        w.log(&who, warn("settlement.bank", format!("bank directory lookup slow for {batch}: HTTPSConnectionPool(host='directory.bank.example', port=443): Read timed out. (read timeout=5), retrying")));
        w.spend(5000, 5400);
    }
    w.spend(80, 300);
    let payable = |w: &World, claim: &str| {
        let number =
            |column| w.value("claims.claims", claim, column).and_then(Value::as_f64).unwrap_or_default();
        number("amount") - number("deductible")
    };
    if let Some(bad) = claims.iter().find(|claim| payable(w, claim) <= 0.0) {
        let amount = payable(w, bad);
        let failure = violation(w, amount);
        w.log(&who, error("settlement.batch", format!("{batch} failed, nothing was paid")).exc(failure));
        for claim in &claims {
            w.blame(claim, 0);
        }
        return;
    }
    for claim in claims {
        let (payout, amount, now) = (w.uuid(), payable(w, &claim), sql(w.now));
        w.insert("settle.payouts", &json!({"payout_id": payout, "claim_no": claim, "batch_id": batch, "amount": amount, "created_at": now}));
        w.spend(3, 10);
        let event = json!({"payout_id": payout, "claim_no": claim, "batch": batch, "amount": amount});
        w.produce("payouts.created", Some(&claim), &[("batch", batch.clone())], &event);
    }
    w.log(&who, info("settlement.batch", format!("{batch} done")));
}

fn violation(w: &mut World, amount: f64) -> Exc {
    let insert = w.line("settlement", "batch.py", "executemany(");
    let run = w.line("settlement", "batch.py", "await self._pay(");
    let (payout, message) =
        (w.uuid(), "new row for relation \"payouts\" violates check constraint \"payouts_amount_check\"");
    python_exc(&[(
        "asyncpg.exceptions.CheckViolationError",
        &format!("{message}\nDETAIL:  Failing row contains ({payout}, ..., {amount:.2}, {}).", sql(w.now)),
        &[
            (RUN, run, "run", "await self._pay(conn, batch_id, items)"),
            (RUN, insert, "_pay", "await conn.executemany("),
            (
                "/usr/local/lib/python3.12/site-packages/asyncpg/connection.py",
                359,
                "executemany",
                "return await self._executemany(command, args, timeout)",
            ),
            ("asyncpg/protocol/protocol.pyx", 297, "bind_execute_many", ""),
        ],
    )])
}
