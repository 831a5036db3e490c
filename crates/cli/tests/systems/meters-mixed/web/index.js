const { Kafka } = require('@confluentinc/kafka-javascript').KafkaJS;

const kafka = new Kafka({ kafkaJS: { brokers: ['kafka:9092'] } });

async function start() {
  const consumer = kafka.consumer({ kafkaJS: { groupId: 'web' } });
  await consumer.connect();
  await consumer.subscribe({ topics: ['bills.created'] });
  await consumer.run({ eachMessage: async ({ message }) => show(message) });
  const producer = kafka.producer();
  await producer.send({ topic: 'meters.commands', messages: [{ value: 'read' }] });
}

start();
