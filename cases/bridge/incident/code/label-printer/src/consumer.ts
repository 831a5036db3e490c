import type { EachMessagePayload, Producer } from "kafkajs";
import type { Logger } from "pino";
import { formatLabel } from "./format";
import { nextLabel, type Printer } from "./printer";
import type { Shipment } from "./types";

/** Prints a label for each shipment; listens to shipment.created. */
export class LabelConsumer {
  constructor(
    private readonly printer: Printer,
    private readonly producer: Producer,
    private readonly log: Logger,
  ) {}

  async onShipment({ message }: EachMessagePayload): Promise<void> {
    const shipment = JSON.parse(message.value!.toString()) as Shipment;
    const text = formatLabel(shipment);
    const label = nextLabel();
    await this.printer.print(label, text);
    this.log.info({ shipment: shipment.shipmentNo, label }, "label printed");
    await this.producer.send({
      topic: "label.ready",
      messages: [{ key: shipment.shipmentNo, value: JSON.stringify({ shipment: shipment.shipmentNo, label }) }],
    });
  }
}
