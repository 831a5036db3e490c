from faststream import FastStream
from faststream.kafka import KafkaBroker

broker = KafkaBroker("kafka:9092")
app = FastStream(broker)


@broker.subscriber("meters.readings", group_id="rating")
@broker.publisher("meters.rated")
async def rate(reading: dict) -> dict:
    return {**reading, "cents": 3}
