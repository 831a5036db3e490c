"""`python -m customer_service` starts the service."""

import uvicorn

from customer_service import logs
from customer_service.app import create_app
from customer_service.settings import Settings


def main() -> None:
    settings = Settings()
    logs.configure(settings.log_dir, settings.instance, "customer-service")
    uvicorn.run(create_app(settings), host="0.0.0.0", port=settings.port, log_config=None)


if __name__ == "__main__":
    main()
