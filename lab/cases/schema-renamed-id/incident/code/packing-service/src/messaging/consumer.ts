import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { Logger } from '../logger';
import type { Packer } from '../packing/packer';
import { parsePick, type ReadyPick } from '../packing/pick';
import type { Announcer } from './announcer';
import type { DeadLetters } from './deadLetters';

export const PICKS_READY = 'picks.ready.v1';

/** Reads picks that are ready, a batch at a time, and has them packed and announced. */
export class PickConsumer {
  constructor(
    private readonly consumer: Consumer,
    private readonly packer: Packer,
    private readonly announcer: Announcer,
    private readonly deadLetters: DeadLetters,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [PICKS_READY], fromBeginning: true });
    await this.consumer.run({
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.onBatch(payload),
    });
  }

  async onBatch({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
    if (!isRunning() || isStale()) return;
    const { topic, partition, messages } = batch;
    const records = await this.readable(topic, partition, messages);
    for (const { pick } of records) {
      this.logger.info({ orderId: pick.orderId, pickId: pick.pickId, zone: pick.zone }, 'pick at station');
    }
    await heartbeat();
    const { parcels, refused } = await this.packer.pack(records.map((record) => record.pick));
    await this.announcer.announce(parcels);
    for (const { pick, error } of refused) {
      const record = records.find((r) => r.pick.pickId === pick.pickId);
      if (record !== undefined) await this.deadLetters.send(topic, partition, record.message, error);
    }
    resolveOffset(batch.lastOffset());
    this.logger.info(
      { topic, partition, firstOffset: batch.firstOffset(), lastOffset: batch.lastOffset(), size: messages.length },
      'batch done',
    );
  }

  private async readable(
    topic: string,
    partition: number,
    messages: KafkaMessage[],
  ): Promise<{ message: KafkaMessage; pick: ReadyPick }[]> {
    const records: { message: KafkaMessage; pick: ReadyPick }[] = [];
    for (const message of messages) {
      try {
        records.push({ message, pick: parsePick(message.value) });
      } catch (error) {
        await this.deadLetters.send(topic, partition, message, error as Error);
      }
    }
    return records;
  }
}
