"""Client of the credit bureau."""

import asyncio
import logging

import httpx

log = logging.getLogger("pricing.bureau")

ATTEMPTS = 3


class Bureau:
    def __init__(self, client: httpx.AsyncClient, base_url: str) -> None:
        self.client = client
        self.base_url = base_url

    async def score(self, quote: dict) -> int:
        for attempt in range(1, ATTEMPTS + 1):
            response = await self.client.post(f"{self.base_url}/v2/score", json={"quote": quote["quote"]})
            if response.is_success or attempt == ATTEMPTS:
                break
            log.warning("attempt %d for quote %s: Server error '%s' for url '%s'", attempt, quote["quote"], response.status_code, response.url)
            await asyncio.sleep(2)
        response.raise_for_status()
        return response.json()["score"]
