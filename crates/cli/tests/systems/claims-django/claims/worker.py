import json

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from django.conf import settings

from claims.models import Claim


async def run():
    consumer = AIOKafkaConsumer(settings.CLAIMS_TOPIC, group_id="assessment", bootstrap_servers="kafka:9092")
    producer = AIOKafkaProducer(bootstrap_servers="kafka:9092")
    await consumer.start()
    async for message in consumer:
        claim = await Claim.objects.aget(number=json.loads(message.value)["number"])
        claim.status = Claim.Status.ASSESSED
        await claim.asave()
        await producer.send_and_wait(settings.DECISIONS_TOPIC, message.value, key=message.key)
