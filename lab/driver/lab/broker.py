"""Kafka as the driver uses it: topics, outside records, reading everything, groups."""

from collections.abc import Iterator

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic


class Broker:
    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 2})
        self._producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "acks": "all", "log_level": 2})

    def create(self, topics: dict[str, int], config: dict[str, str] | None = None) -> None:
        new = [NewTopic(name, partitions, 1, config=config or {}) for name, partitions in topics.items()]
        for future in self._admin.create_topics(new).values():
            future.result(30)

    def publish(
        self,
        topic: str,
        key: str | None,
        value: str | bytes,
        partition: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        more = {} if partition is None else {"partition": partition}
        self._producer.produce(topic, value, key, headers=list((headers or {}).items()), **more)
        self._producer.flush(30)

    def topics(self) -> dict[str, list[int]]:
        listed = self._admin.list_topics(timeout=30).topics
        return {name: sorted(t.partitions) for name, t in sorted(listed.items()) if not name.startswith("__")}

    def reader(self) -> Consumer:
        """Reads without joining a group."""
        return Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": "unused",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "enable.partition.eof": False,
                "log_level": 2,
            }
        )

    def watermarks(self) -> dict[tuple[str, int], tuple[int, int]]:
        reader = self.reader()
        try:
            return {
                (name, p): reader.get_watermark_offsets(TopicPartition(name, p), timeout=30)
                for name, partitions in self.topics().items()
                for p in partitions
            }
        finally:
            reader.close()

    def records(self, topic: str, marks: dict[tuple[str, int], tuple[int, int]]) -> Iterator[Message]:
        """Everything up to the given ends."""
        left = {p: end for (name, p), (start, end) in marks.items() if name == topic and end > start}
        if not left:
            return
        reader = self.reader()
        try:
            reader.assign([TopicPartition(topic, p, marks[topic, p][0]) for p in left])
            while left:
                message = reader.poll(30)
                if message is None:
                    raise RuntimeError(f"{topic} could not be read to its end: {left}")
                if message.error():
                    raise RuntimeError(f"{topic}: {message.error()}")
                p = message.partition()
                if p in left and message.offset() < left[p]:
                    yield message
                if p in left and message.offset() >= left[p] - 1:
                    del left[p]
        finally:
            reader.close()

    def committed(self) -> list[tuple[str, str, int, int]]:
        """(group, topic, partition, committed offset) of all groups."""
        groups = [g.group_id for g in self._admin.list_consumer_groups().result(30).valid]
        out = []
        for group in sorted(groups):
            future = self._admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group]
            for place in future.result(30).topic_partitions:
                out.append((group, place.topic, place.partition, place.offset))
        return sorted(out)
