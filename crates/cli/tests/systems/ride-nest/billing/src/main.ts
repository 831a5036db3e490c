import { Kafka } from 'kafkajs';

const kafka = new Kafka({ clientId: 'billing', brokers: (process.env.BROKERS ?? 'localhost:9092').split(',') });
const consumer = kafka.consumer({ groupId: 'billing' });
const producer = kafka.producer();

export async function main() {
  await consumer.subscribe({ topic: 'ride.assigned', fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const invoice = await bill(JSON.parse(message.value!.toString()));
      await producer.send({ topic: 'invoice.created', messages: [{ key: invoice.id, value: JSON.stringify(invoice) }] });
    },
  });
}
