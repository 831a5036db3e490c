"""The HTTP interface."""

import structlog
from fastapi import FastAPI, HTTPException

from customer_service import customers, weather
from customer_service.requests import log_request
from customer_service.settings import Settings

log = structlog.get_logger("customers")


def create_app(settings: Settings) -> FastAPI:
    customers.prepare(settings.database)
    app = FastAPI(title="customer-service")
    app.middleware("http")(log_request)

    @app.get("/health")
    def health() -> dict:
        return {"status": "UP"}

    @app.get("/customers/{customer_id}")
    def customer(customer_id: str) -> dict:
        if weather.is_refused(settings.unavailable):
            log.warning("crm session pool exhausted", customer=customer_id)
            raise HTTPException(503, "crm is not available")
        weather.wait_a_little(settings.slow)
        found = customers.find(settings.database, customer_id)
        if found is None:
            raise HTTPException(404, f"no customer {customer_id}")
        return {"customerId": found.customer_id, "name": found.name, "tier": found.tier}

    return app
