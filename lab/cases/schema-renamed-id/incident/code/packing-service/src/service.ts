import { Kafka, Partitioners } from 'kafkajs';
import type { Config } from './config';
import { migrate } from './db/migrate';
import { openPool } from './db/pool';
import { kafkaLogCreator, type Logger } from './logger';
import { Announcer } from './messaging/announcer';
import { PickConsumer } from './messaging/consumer';
import { DeadLetters } from './messaging/deadLetters';
import { Packer } from './packing/packer';
import { ParcelStore } from './packing/parcelStore';

export interface Running {
  stop(): Promise<void>;
}

/** Wires everything and starts to consume. `onCrash` is told when kafkajs gives up for good. */
export async function startService(config: Config, logger: Logger, onCrash: (error: Error) => void): Promise<Running> {
  const pool = openPool(config.db);
  await migrate(pool, logger);

  const kafka = new Kafka({
    clientId: config.instance,
    brokers: config.kafka.brokers,
    logCreator: kafkaLogCreator(logger),
    retry: { initialRetryTime: 300, retries: 8 },
  });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });
  const consumer = kafka.consumer({
    groupId: config.kafka.groupId,
    sessionTimeout: config.kafka.sessionTimeoutMs,
    rebalanceTimeout: config.kafka.rebalanceTimeoutMs,
    heartbeatInterval: Math.round(config.kafka.sessionTimeoutMs / 10),
    maxWaitTimeInMs: 250,
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) onCrash(payload.error);
  });

  await producer.connect();
  const store = new ParcelStore(pool);
  const announcer = new Announcer(producer, store, logger, config.parcelsPerRecord);
  const deadLetters = new DeadLetters(producer, logger);
  await new PickConsumer(consumer, new Packer(store, logger), announcer, deadLetters, logger).start();

  return {
    async stop() {
      await consumer.disconnect();
      await producer.disconnect();
      await pool.end();
    },
  };
}
