"""Queues approved claims for the next batch."""

import json
import logging

from aiokafka import AIOKafkaConsumer

from .queue import BatchQueue

log = logging.getLogger("settlement.consumer")


async def consume(queue: BatchQueue, servers: str) -> None:
    consumer = AIOKafkaConsumer("claims.approved", group_id="settlement", bootstrap_servers=servers)
    await consumer.start()
    try:
        async for record in consumer:
            claim = json.loads(record.value)
            batch_id = queue.put(claim)
            log.info("claim %s queued for %s", claim["claimNo"], batch_id)
    finally:
        await consumer.stop()
