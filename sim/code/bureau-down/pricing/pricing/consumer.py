"""Prices opened quotes."""

import json
import logging

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from .bureau import Bureau
from .store import Store
from .tariff import premium

log = logging.getLogger("pricing.consumer")


class Consumer:
    def __init__(self, bureau: Bureau, store: Store, producer: AIOKafkaProducer) -> None:
        self.bureau = bureau
        self.store = store
        self.producer = producer

    async def run(self, servers: str) -> None:
        async with AIOKafkaConsumer("quotes.opened", group_id="pricing", bootstrap_servers=servers) as records:
            async for record in records:
                quote = json.loads(record.value)
                try:
                    await self.handle(quote)
                except Exception:
                    log.exception("giving up quote %s", quote["quote"])

    async def handle(self, quote: dict) -> None:
        score = await self.bureau.score(quote)
        cents = premium(quote["product"], score)
        await self.store.insert_price(quote["quote"], cents)
        log.info("quote %s priced: %d", quote["quote"], cents)
        body = json.dumps({"quote": quote["quote"], "premiumCents": cents}).encode()
        await self.producer.send("quotes.priced", key=quote["quote"].encode(), value=body)
