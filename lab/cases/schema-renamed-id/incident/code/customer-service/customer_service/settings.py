"""What differs between environments."""

import os
import socket
from dataclasses import dataclass, field


def _share(name: str) -> float:
    value = float(os.environ.get(name, "0"))
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must lie between 0 and 1, is {value}")
    return value


@dataclass(frozen=True)
class Settings:
    port: int = field(default_factory=lambda: int(os.environ.get("PORT", "8082")))
    instance: str = field(
        default_factory=lambda: os.environ.get("INSTANCE") or f"customer-service-{socket.gethostname()}"
    )
    log_dir: str | None = field(default_factory=lambda: os.environ.get("LOG_DIR"))
    database: str = field(
        default_factory=lambda: os.environ.get("DB_URL", "sqlite:///customer.db").removeprefix("sqlite:///")
    )
    # How often the replica behind us is slow or away; zero in production, where it needs no help.
    slow: float = field(default_factory=lambda: _share("SLOW_SHARE"))
    unavailable: float = field(default_factory=lambda: _share("UNAVAILABLE_SHARE"))
