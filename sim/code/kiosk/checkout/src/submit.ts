import { randomUUID } from "node:crypto";
import type { Producer } from "kafkajs";
import type { Logger } from "pino";
import type { BasketStore, SubmitRequest } from "./store";

/** Takes a paid basket and hands it to fulfilment. */
export class SubmitHandler {
  constructor(
    private readonly baskets: BasketStore,
    private readonly producer: Producer,
    private readonly log: Logger,
  ) {}

  async submit(request: SubmitRequest): Promise<string> {
    const reqId = randomUUID();
    const basket = await this.baskets.insert({ ...request, state: "SUBMITTED" });
    this.log.info({ reqId, basketRef: basket.ref, store: basket.store, items: basket.items.length }, "basket submitted");
    await this.producer.send({
      topic: "basket-submitted",
      messages: [
        {
          key: basket.ref,
          headers: { "content-type": "application/json" },
          value: JSON.stringify({
            basketRef: basket.ref,
            store: basket.store,
            channel: request.channel,
            payment: request.payment,
            items: basket.items.length,
            submittedAt: new Date().toISOString(),
          }),
        },
      ],
    });
    return basket.ref;
  }
}
