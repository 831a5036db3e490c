"""Pays approved claims in batches, one transaction a batch."""

import logging
import uuid
from dataclasses import dataclass
from decimal import Decimal

import asyncpg

from .bank import Directory
from .events import publish_created

log = logging.getLogger("settlement.batch")


@dataclass
class Item:
    claim_no: str
    amount: Decimal
    deductible: Decimal

    @property
    def payable(self) -> Decimal:
        return self.amount - self.deductible


class BatchRunner:
    """Takes what the consumer has queued and pays it."""

    def __init__(self, pool: asyncpg.Pool, directory: Directory) -> None:
        self.pool = pool
        self.directory = directory

    async def run(self, batch_id: str, items: list[Item]) -> None:
        log.info("running %s with %d items", batch_id, len(items))
        await self.directory.refresh(batch_id)
        try:
            async with self.pool.acquire() as conn, conn.transaction():
                await self._pay(conn, batch_id, items)
        except asyncpg.PostgresError:
            log.exception("%s failed, nothing was paid", batch_id)
            return
        for item in items:
            await publish_created("payouts.created", batch_id, item)
        log.info("%s done", batch_id)

    async def _pay(self, conn: asyncpg.Connection, batch_id: str, items: list[Item]) -> None:
        rows = [(str(uuid.uuid4()), item.claim_no, batch_id, item.payable) for item in items]
        await conn.executemany(
            "INSERT INTO payouts (payout_id, claim_no, batch_id, amount, created_at) VALUES ($1, $2, $3, $4, now())",
            rows,
        )
