"""The HTTP interface."""

import structlog
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from product_service.catalogue import Catalogue
from product_service.replica import Replica, ReplicaUnavailable
from product_service.requests import log_request
from product_service.settings import Settings

log = structlog.get_logger("products")


class ProductView(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    sku: str
    name: str
    weight_grams: int


def create_app(settings: Settings) -> FastAPI:
    catalogue = Catalogue(settings.database)
    replica = Replica(settings.slow, settings.unavailable)
    app = FastAPI(title="product-service")
    app.middleware("http")(log_request)

    @app.get("/health")
    def health() -> dict:
        return {"status": "UP"}

    @app.get("/products/{sku}")
    def product(sku: str) -> ProductView:
        try:
            replica.reach()
        except ReplicaUnavailable as error:
            log.warning("replica unavailable", sku=sku, reason=str(error))
            raise HTTPException(503, "catalogue is not available") from error
        found = catalogue.find(sku)
        if found is None:
            log.info("unknown product", sku=sku)
            raise HTTPException(404, f"no product {sku}")
        return ProductView(sku=found.sku, name=found.name, weight_grams=found.weight_grams)

    return app
