"""Assesses what a claim is worth."""

import json
import logging

from confluent_kafka import Message, Producer

from .store import Store

log = logging.getLogger("assessor.consumer")

TOPIC = "claim.received"
BASE = {"MOTOR": 4200, "HOUSEHOLD": 900, "LIABILITY": 1500}


def estimate(details: dict) -> int:
    base = BASE[details["kind"]]
    if details["kind"] == "MOTOR":
        return base - details["mileage"] // 100
    return base


class Assessor:
    def __init__(self, store: Store, producer: Producer) -> None:
        self.store = store
        self.producer = producer

    def on_message(self, message: Message) -> None:
        claim = json.loads(message.value())
        log.info("assessing %s", claim["claimRef"])
        try:
            self.handle(claim)
        except Exception:
            log.exception("could not assess %s", claim["claimRef"])

    def handle(self, claim: dict) -> None:
        amount = estimate(claim["details"])
        self.store.insert_assessment(claim["claimRef"], amount)
        log.info("assessed %s: CHF %d", claim["claimRef"], amount)
        body = {"claimRef": claim["claimRef"], "policy": claim["policy"], "amount": amount}
        self.producer.produce("claim.assessed", key=claim["claimRef"], value=json.dumps(body))
