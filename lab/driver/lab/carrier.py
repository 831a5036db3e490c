"""The carrier: an outside party. It reads requests, and a little later confirms each with a tracking code."""

import heapq
import json
import random
import threading
import time
import zlib

from confluent_kafka import TopicPartition

from lab.broker import Broker
from lab.model import TOPICS

REQUESTS = "carrier.requests.v1"
CONFIRMATIONS = "carrier.confirmations.v1"


class Carrier:
    def __init__(self, broker: Broker, seed: int) -> None:
        self._broker = broker
        self._chance = random.Random(seed)
        self._answers = threading.Event()
        self._answers.set()
        self._held = threading.Event()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def fall_silent(self) -> None:
        """It still takes requests in, and answers none of them any more."""
        self._answers.clear()

    def answer_again(self) -> None:
        self._answers.set()

    def hold(self) -> None:
        """It does nothing for a while, and forgets nothing."""
        self._held.set()

    def let_go(self) -> None:
        self._held.clear()

    def close(self) -> None:
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _work(self) -> None:
        reader = self._broker.reader()
        reader.assign([TopicPartition(REQUESTS, p, 0) for p in range(TOPICS[REQUESTS])])
        due: list[tuple[float, str]] = []
        while not self._ends.is_set():
            if self._held.is_set():
                time.sleep(0.05)
                continue
            message = reader.poll(0.2)
            if message is not None and not message.error() and self._answers.is_set():
                shipment = json.loads(message.value())["shipmentNo"]
                heapq.heappush(due, (time.monotonic() + self._delay(), shipment))
            while due and due[0][0] <= time.monotonic():
                self._confirm(heapq.heappop(due)[1])
        reader.close()

    def _delay(self) -> float:
        slow = self._chance.random() < 0.05
        return self._chance.uniform(5, 9) if slow else self._chance.uniform(0.8, 3)

    def _confirm(self, shipment: str) -> None:
        if not self._answers.is_set():
            return
        tracking = f"TR{zlib.crc32(shipment.encode()):010d}"
        answer = json.dumps({"shipmentNo": shipment, "tracking": tracking})
        self._broker.publish(CONFIRMATIONS, shipment, answer)
