"""Bad weather on demand: a share of the calls is slow or refused, so that callers can rehearse their retries."""

import random
import time


def is_refused(share: float) -> bool:
    return random.random() < share


def wait_a_little(share: float) -> None:
    if random.random() < share:
        time.sleep(random.uniform(0.4, 2.6))
