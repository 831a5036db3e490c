"""How the search replica in front of the catalogue behaves on a bad day."""

import random
import time


class ReplicaUnavailable(Exception):
    """The replica did not answer."""


class Replica:
    """Rehearses a slow or missing replica for a share of the calls."""

    def __init__(self, slow: float, unavailable: float, chance: random.Random | None = None) -> None:
        self._slow = slow
        self._unavailable = unavailable
        self._chance = chance or random.Random()

    def reach(self) -> None:
        if self._chance.random() < self._unavailable:
            raise ReplicaUnavailable("catalogue replica did not answer within 250 ms")
        if self._chance.random() < self._slow:
            time.sleep(self._chance.uniform(0.4, 2.6))
