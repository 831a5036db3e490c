import type { EachMessagePayload, Producer } from "kafkajs";
import type { Pool, ResultSetHeader } from "mysql2/promise";
import type { Logger } from "pino";

interface Paid {
  enrolmentNo: string;
  course: string;
  country?: string;
}

export class AccountStore {
  constructor(private readonly db: Pool) {}

  async create(paid: Paid): Promise<number> {
    const [result] = await this.db.execute<ResultSetHeader>(
      "INSERT INTO accounts (enrolment_no, country, created_at) VALUES (?, ?, now())",
      [paid.enrolmentNo, paid.country ?? null],
    );
    return result.insertId;
  }
}

/** Opens an account for each paid enrolment; listens to enrolment.paid. */
export class PaidConsumer {
  constructor(
    private readonly store: AccountStore,
    private readonly producer: Producer,
    private readonly log: Logger,
  ) {}

  async onPaid({ message }: EachMessagePayload): Promise<void> {
    const paid = JSON.parse(message.value!.toString()) as Paid;
    try {
      const accountId = await this.store.create(paid);
      this.log.info({ enrolmentNo: paid.enrolmentNo, accountId }, "account created");
      await this.producer.send({
        topic: "account.created",
        messages: [{ key: paid.enrolmentNo, value: JSON.stringify({ enrolmentNo: paid.enrolmentNo, accountId }) }],
      });
    } catch (err) {
      this.log.error({ enrolmentNo: paid.enrolmentNo, ...(err as object), err }, "account not created");
    }
  }
}
