"""One line a request, with the caller's trace."""

import time

import structlog
from fastapi import Request

log = structlog.get_logger("http")


async def log_request(request: Request, call_next):
    """Bind the trace of the caller to everything logged meanwhile, and log the request when it is answered."""
    structlog.contextvars.clear_contextvars()
    trace = _trace_id(request.headers.get("traceparent"))
    if trace is not None:
        structlog.contextvars.bind_contextvars(trace_id=trace)
    start = time.perf_counter()
    response = await call_next(request)
    if request.url.path != "/health":
        fields = {"method": request.method, "path": request.url.path, "status": response.status_code}
        fields["ms"] = round((time.perf_counter() - start) * 1000, 1)
        (log.warning if response.status_code >= 500 else log.info)("request", **fields)
    return response


def _trace_id(traceparent: str | None) -> str | None:
    parts = (traceparent or "").split("-")
    return parts[1] if len(parts) == 4 and len(parts[1]) == 32 else None
