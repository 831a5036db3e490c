import os

from confluent_kafka import Consumer, Producer

RATED = os.getenv("RATED_TOPIC", "meters.rated")


def main():
    consumer = Consumer({"bootstrap.servers": "kafka:9092", "group.id": "billing"})
    consumer.subscribe([RATED])
    producer = Producer({"bootstrap.servers": "kafka:9092"})
    while True:
        message = consumer.poll(1.0)
        if message is None or message.error():
            continue
        producer.produce("bills.created", key=message.key(), value=message.value())
        producer.poll(0)
