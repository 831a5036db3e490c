import type { KafkaMessage, Producer } from 'kafkajs';
import type { Logger } from '../logger';

/** Records that can never be packed go here, with where they came from and why. */
export class DeadLetters {
  constructor(
    private readonly producer: Producer,
    private readonly logger: Logger,
  ) {}

  async send(topic: string, partition: number, message: KafkaMessage, error: Error): Promise<void> {
    const at = `${topic}-${partition}@${message.offset}`;
    this.logger.error({ err: error, record: at }, 'record goes to the dead-letter topic');
    await this.producer.send({
      topic: `${topic}.dlt`,
      acks: -1,
      messages: [
        {
          key: message.key,
          value: message.value,
          headers: {
            ...message.headers,
            'dlt-original-topic': topic,
            'dlt-original-partition': String(partition),
            'dlt-original-offset': message.offset,
            'dlt-exception': error.name,
            'dlt-message': error.message,
          },
        },
      ],
    });
  }
}
