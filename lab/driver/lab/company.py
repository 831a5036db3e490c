"""The whole company, running: servers, databases, topics, repositories, services, carrier."""

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import builds, history, process
from lab.broker import Broker
from lab.carrier import Carrier
from lab.databases import Databases
from lab.fleet import Fleet
from lab.load import Load
from lab.model import SERVICES, TOPICS
from lab.say import say
from lab.servers import Servers
from lab.shipper import Shipper

DEFAULT_ENV = {"order-service": {"RESEND_EVERY": "5s", "RESEND_AFTER": "15s"}}
DEFAULT_NOISE = {"slow": 0.03, "unavailable": 0.02}


class Company:
    """Make it, `up()` it, and close it whatever happened."""

    def __init__(
        self,
        folder: Path,
        instances: dict[str, int] | None = None,
        env: dict[str, dict[str, str]] | None = None,
        noise: dict[str, dict[str, float]] | None = None,
        more_servers: list[str] | None = None,
        seed: int = 7,
    ) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.fleet = Fleet(folder)
        self.repositories = {name: folder / "repos" / name for name in SERVICES}
        self._instances = {s.name: s.instances for s in SERVICES.values()} | (instances or {})
        self._env = env or {}
        self._noise = noise or {}
        self._more_servers = more_servers or []
        self._seed = seed
        self.servers: Servers | None = None
        self.carrier: Carrier | None = None
        self.shipper: Shipper | None = None
        self.databases: Databases
        self.broker: Broker
        self.load: Load

    def repos(self) -> None:
        for service, repository in self.repositories.items():
            history.create(service, repository)

    def up(self) -> None:
        start = time.monotonic()
        built = {name: builds.build(name, repository) for name, repository in self.repositories.items()}
        say("builds are there; starting servers")
        self.servers = Servers(self.folder / "servers", self._more_servers)
        self.broker = Broker(self.servers.bootstrap)
        self.databases = Databases(self.servers, self.folder / "files")
        self.databases.create()
        self.broker.create(TOPICS)
        say("servers run; starting services")
        for name in SERVICES:
            for number in range(1, self._instances[name] + 1):
                self.fleet.add(name, number, built[name], {})
        for instance in self.fleet.instances.values():
            instance.env = self._env_of(instance.service)
        self._start_services()
        self.fleet.supervise()
        self.carrier = Carrier(self.broker, self._seed)
        self.carrier.start()
        self.load = Load(self.order_urls, self._seed, self.url("product-service"), self.url("customer-service"))
        engines = [place["url"] for name, place in self.servers.places.items() if "search" in name]
        if engines:
            self.shipper = Shipper(self.fleet.logs, engines)
            self.shipper.start()
        self._write_state()
        say(f"up in {time.monotonic() - start:.0f} s with {self.memory_mb()} MB resident")

    def _start_services(self) -> None:
        """The first instance of each makes its tables, so the others come after; few at a time, for few cores."""
        first = [i for i in self.fleet.instances.values() if i.number == 1]
        others = [i for i in self.fleet.instances.values() if i.number > 1]
        for wave in (first, others):
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(self.fleet.start, wave))

    def _env_of(self, service: str) -> dict[str, str]:
        env = {"KAFKA_BOOTSTRAP": self.servers.bootstrap} | self.databases.env(service) | SERVICES[service].env
        if service == "order-service":
            env |= {"PRODUCT_URL": self.url("product-service"), "CUSTOMER_URL": self.url("customer-service")}
        short = service.removesuffix("-service")
        if short in ("product", "customer"):
            noise = DEFAULT_NOISE | self._noise.get(short, {})
            env |= {"SLOW_SHARE": str(noise["slow"]), "UNAVAILABLE_SHARE": str(noise["unavailable"])}
        return env | DEFAULT_ENV.get(service, {}) | self._env.get(service, {})

    def url(self, service: str) -> str:
        return self.fleet.of(service)[0].url

    def order_urls(self) -> list[str]:
        return [i.url for i in self.fleet.of("order-service")]

    def memory_mb(self) -> int:
        pids = self.fleet.pids() + ([self.servers.pid] if self.servers else [])
        return process.resident_bytes(pids) // 1_000_000

    def freeze(self) -> None:
        """Stop every instance where it stands."""
        self.carrier.hold()
        self.fleet.rest()
        for instance in self.fleet.instances.values():
            if instance.process is not None and instance.process.poll() is None:
                self.fleet.pause(instance)

    def thaw(self) -> None:
        for instance in self.fleet.instances.values():
            if instance.process is not None and instance.process.poll() is None:
                self.fleet.resume(instance)
        self.carrier.let_go()

    def _write_state(self) -> None:
        state = {
            "servers": self.servers.places,
            "services": {i.name: i.url for i in self.fleet.instances.values()},
        }
        (self.folder / "state.json").write_text(json.dumps(state, indent=1))

    def close(self) -> None:
        if self.carrier:
            self.carrier.close()
        if self.servers and hasattr(self, "databases"):
            self.databases.let_go()
        self.fleet.stop_all()
        if self.shipper:
            self.shipper.close()
        if self.servers:
            self.servers.close()
            shutil.rmtree(self.folder / "servers", ignore_errors=True)
        (self.folder / "state.json").unlink(missing_ok=True)
