"""Customers: orders over HTTP in an uneven stream, with retries, cancellations, and other traffic besides."""

import csv
import math
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from lab.places import SOURCES

CHANNELS = {"WEB": 45, "APP": 30, "STORE": 10, "KIOSK": 10, "PARTNER": 5}


def _column(path: str, name: str) -> list[str]:
    with (SOURCES / path).open(encoding="utf-8") as file:
        return [row[name] for row in csv.DictReader(file)]


class Posted:
    """What was ordered, in order; others wait for it to reach a number."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.ids: list[int] = []
        self.tags: dict[str, list[int]] = {}
        self.over = False

    def add(self, order: int, tag: str | None = None) -> None:
        with self._changed:
            self.ids.append(order)
            if tag:
                self.tags.setdefault(tag, []).append(order)
            self._changed.notify_all()

    def finish(self) -> None:
        with self._changed:
            self.over = True
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self.ids) >= count or self.over)


class Load:
    def __init__(self, urls: Callable[[], list[str]], seed: int, products: str, customers: str) -> None:
        self._urls = urls
        self._chance = random.Random(seed)
        self._products = products
        self._customers = customers
        self._skus = _column("product-service/data/products.csv", "sku")
        self._buyers = _column("customer-service/data/customers.csv", "customer_id")
        self._client = httpx.Client(timeout=8)
        self._guard = threading.Lock()
        self.posted = Posted()

    def run(self, orders: int, per_second: float, limit: Callable[[], float] = lambda: math.inf) -> None:
        """Post so many orders, on average so many a second, in bursts; returns when the last is in.

        It waits where it is at its limit, which may rise."""
        with ThreadPoolExecutor(10) as pool:
            jobs = []
            burst = 0
            for number in range(orders):
                while number >= limit():
                    time.sleep(0.2)
                jobs.append(pool.submit(self.post, self._order()))
                if self._chance.random() < 0.25:
                    pool.submit(self._other_traffic)
                if burst == 0 and self._chance.random() < 0.02:
                    burst = self._chance.randint(6, 14)
                if burst > 0:
                    burst -= 1
                    time.sleep(0.02)
                elif number < orders - 1:
                    # What bursts save is spent between them, so that the mean holds.
                    time.sleep(self._chance.expovariate(per_second) * 1.2)
            for job in jobs:
                job.result()

    def post(self, order: dict, tag: str | None = None) -> int:
        """An order gets through in the end, as a shop's front would see to it."""
        patience = time.monotonic() + 90
        while True:
            try:
                answer = self._client.post(f"{self._url()}/api/orders", json=order)
                if answer.status_code == 201:
                    break
                problem = f"{answer.status_code} {answer.text[:200]}"
            except httpx.HTTPError as error:
                problem = repr(error)
            if time.monotonic() > patience:
                raise RuntimeError(f"an order could not be posted: {problem}")
            time.sleep(0.5)
        number = int(answer.json()["orderId"])
        self.posted.add(number, tag)
        if tag is None and self._draw(0.03):
            threading.Timer(self._uniform(0.2, 6), self._cancel, [number]).start()
        return number

    def _order(self) -> dict:
        with self._guard:
            lines = self._chance.sample(self._skus, self._chance.choices([1, 2, 3, 4], [50, 28, 15, 7])[0])
            return {
                "customerId": self._chance.choice(self._buyers),
                "channel": self._chance.choices(list(CHANNELS), list(CHANNELS.values()))[0],
                "lines": [{"sku": s, "quantity": self._chance.choices([1, 2, 3], [75, 18, 7])[0]} for s in lines],
            }

    def _cancel(self, number: int) -> None:
        try:
            self._client.delete(f"{self._url()}/api/orders/{number}")
        except httpx.HTTPError:
            return

    def _other_traffic(self) -> None:
        """People look at orders and goods; some of what they ask for does not exist."""
        with self._guard:
            known = self._chance.choice(self.posted.ids) if self.posted.ids else 1
            target = self._chance.choices(
                [
                    f"{self._url()}/api/orders/{known}",
                    f"{self._url()}/api/orders/{self._chance.randint(10, 99)}",
                    f"{self._products}/products/{self._chance.choice(self._skus)}",
                    f"{self._products}/products/SKU-{self._chance.randint(1, 900)}",
                    f"{self._customers}/customers/{self._chance.choice(self._buyers)}",
                ],
                [40, 4, 30, 3, 20],
            )[0]
        try:
            self._client.get(target)
        except httpx.HTTPError:
            return

    def _url(self) -> str:
        return random.choice(self._urls())

    def _draw(self, share: float) -> bool:
        with self._guard:
            return self._chance.random() < share

    def _uniform(self, low: float, high: float) -> float:
        with self._guard:
            return self._chance.uniform(low, high)
