"""The company's services as the driver knows them: how they are built, started, and which database is theirs."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Service:
    name: str
    kind: str  # maven, node, go, python
    command: tuple[str, ...]
    database: str | None = None
    dialect: str | None = None  # postgres, mariadb, sqlite
    env: dict[str, str] = field(default_factory=dict)
    instances: int = 1

    @property
    def jdbc(self) -> bool:
        return self.kind == "maven"


_JVM = ("java", "-Xmx160m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar")

# In the order in which they are started: who is called comes before who calls.
SERVICES = {
    s.name: s
    for s in [
        Service("product-service", "python", ("python", "-m", "product_service"), "products", "sqlite"),
        Service("customer-service", "python", ("python", "-m", "customer_service"), "customers", "sqlite"),
        Service(
            "packing-service",
            "node",
            ("node", "--enable-source-maps", "dist/main.js"),
            "packing",
            "mariadb",
            {"NODE_OPTIONS": "--max-old-space-size=128"},
        ),
        Service("shipping-service", "go", ("bin/shipping-service",), "shipping", "postgres", {"GOMEMLIMIT": "64MiB"}),
        Service(
            "invoice-legacy",
            "maven",
            ("java", "-Xmx64m", "-XX:+UseSerialGC", "-jar", "target/invoice-legacy.jar"),
            "invoices",
            "mariadb",
            {"TZ": "Europe/Berlin"},
        ),
        Service("pick-service", "maven", (*_JVM, "target/pick-service.jar"), "picks", "postgres", instances=2),
        Service("order-service", "maven", (*_JVM, "target/order-service.jar"), "orders", "postgres"),
    ]
}

# Topic to partitions. A dead-letter topic has one.
TOPICS = {
    "orders.accepted.v1": 6,
    "picks.ready.v1": 3,
    "parcels.packed.v1": 3,
    "carrier.requests.v1": 3,
    "carrier.confirmations.v1": 3,
    "shipments.created.v1": 3,
    "shipments.dispatched.v1": 3,
    "orders.accepted.v1.dlt": 1,
    "picks.ready.v1.dlt": 1,
}

STATUSES = ["RECEIVED", "ACCEPTED", "READY_TO_PICK", "IN_SHIPMENT", "SHIPPED"]
CARRIER = "carrier"
