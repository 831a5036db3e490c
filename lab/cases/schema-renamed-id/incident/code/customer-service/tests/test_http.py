"""The service as it runs: a real process, a real port."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url: str, **headers: str) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture
def service(tmp_path):
    port = free_port()
    env = os.environ | {"PORT": str(port), "INSTANCE": "customer-it", "LOG_DIR": str(tmp_path)}
    env |= {"DB_URL": f"sqlite:///{tmp_path}/customer.db"}
    process = subprocess.Popen([sys.executable, "-m", "customer_service"], env=env)
    base = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            get(f"{base}/health")
            break
        except OSError:
            time.sleep(0.1)
    yield base, tmp_path / "customer-it.log"
    process.terminate()
    assert process.wait(10) in (0, -15)


def test_customers_over_http(service):
    base, log = service
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    status, customer = get(f"{base}/customers/C-20001", traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    assert (status, customer["customerId"]) == (200, "C-20001")
    assert set(customer) == {"customerId", "name", "tier"}
    assert get(f"{base}/customers/C-1")[0] == 404
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert any(line.get("trace_id") == trace and line.get("status") == 200 for line in lines)
