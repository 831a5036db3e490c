import type { EachMessagePayload, Producer } from "kafkajs";
import type { Pool } from "mysql2/promise";
import type { Logger } from "pino";

interface Released {
  orderUid: string;
  sku: string;
  qty: number;
}

/** Allocates stock for released orders; listens to orders-released. */
export class Allocator {
  constructor(
    private readonly db: Pool,
    private readonly producer: Producer,
    private readonly log: Logger,
  ) {}

  async onReleased({ message }: EachMessagePayload): Promise<void> {
    const { orderUid, sku } = JSON.parse(message.value!.toString()) as Released;
    try {
      await this.db.execute(
        "INSERT INTO allocations (order_uid, sku, operator, allocated_at) VALUES (?, ?, 'auto', now())",
        [orderUid, sku],
      );
    } catch (err) {
      this.log.error({ orderUid, err }, "allocation failed");
      return;
    }
    this.log.info({ orderUid }, "allocated");
    await this.producer.send({
      topic: "stock-allocated",
      messages: [{ key: orderUid, value: JSON.stringify({ orderUid, at: new Date().toISOString() }) }],
    });
  }
}
