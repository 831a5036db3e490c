"""Monthly statements, many at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


async def render(account):
    await asyncio.sleep(0)
    first = account.bookings[0]
    return f"{account.number}: since {first['at']}"


async def render_all(accounts):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(render(a)) for a in accounts]
    return [t.result() for t in tasks]


async def gather_all(accounts):
    return await asyncio.gather(*(render(a) for a in accounts))


def totals(accounts):
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda a: a.balance() // len(a.bookings), accounts))


def shorten(text, width):
    if len(text) <= width:
        return text
    return shorten(text[:-1] + ".", width)
