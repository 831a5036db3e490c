"""Assigns a meter to each signed contract."""

import json
import logging

from .stock import MeterStock

log = logging.getLogger("metering.assign")


class Assigner:
    def __init__(self, stock: MeterStock, producer) -> None:
        self.stock = stock
        self.producer = producer

    def on_signed(self, record) -> None:
        contract = json.loads(record.value)["contractNo"]
        meter = self.stock.assign(contract)
        log.info("assigned meter %s to contract %s", meter, contract)
        body = {"contractNo": contract, "meterNo": meter}
        self.producer.send("meter.assigned", key=str(contract).encode(), value=json.dumps(body).encode())
