"""The log: JSON lines, ours and uvicorn's, in one file."""

import logging
import sys
from pathlib import Path

import structlog


def configure(log_dir: str | None, instance: str, service: str) -> None:
    """Send everything to LOG_DIR/<instance>.log, or to standard output where there is no LOG_DIR."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]

    def add_service(_logger, _method, event):
        event["service"] = service
        event["instance"] = instance
        return event

    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            add_service,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = _handler(log_dir, instance)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    # Requests are logged by our own middleware, with the trace.
    logging.getLogger("uvicorn.access").disabled = True


def _handler(log_dir: str | None, instance: str) -> logging.Handler:
    if log_dir is None:
        return logging.StreamHandler(sys.stdout)
    folder = Path(log_dir)
    folder.mkdir(parents=True, exist_ok=True)
    return logging.FileHandler(folder / f"{instance}.log", encoding="utf-8")
