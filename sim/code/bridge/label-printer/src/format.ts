import type { Shipment } from "./types";

const WIDTH = 32;

function line(text: string): string {
  return text.slice(0, WIDTH).padEnd(WIDTH);
}

/** The text of a label: recipient, street, depot. */
export function formatLabel(shipment: Shipment): string[] {
  const { recipient, depot } = shipment;
  const lines = [line(recipient.name)];
  if (recipient.kind === "SHOP") {
    lines.push(line(`c/o ${recipient.pickupPoint!.street}`));
    lines.push(line(recipient.pickupPoint!.code));
  }
  lines.push(line(recipient.country));
  lines.push(line(`via ${depot}`));
  return lines;
}
