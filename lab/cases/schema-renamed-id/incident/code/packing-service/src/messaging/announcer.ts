import { CompressionTypes, type Producer } from 'kafkajs';
import type { Logger } from '../logger';
import type { Parcel, ParcelStore } from '../packing/parcelStore';

export const PARCELS_PACKED = 'parcels.packed.v1';

/** Tells the world about parcels. Several of a batch share a record: shipping books them with the carrier in one go. */
export class Announcer {
  constructor(
    private readonly producer: Producer,
    private readonly store: ParcelStore,
    private readonly logger: Logger,
    private readonly parcelsPerRecord: number,
  ) {}

  async announce(parcels: Parcel[]): Promise<void> {
    if (parcels.length === 0) return;
    const groups = chunks(parcels, this.parcelsPerRecord);
    await this.producer.send({
      topic: PARCELS_PACKED,
      acks: -1,
      compression: CompressionTypes.None,
      messages: groups.map((group) => ({
        key: (group[0] as Parcel).parcelNo,
        value: JSON.stringify({ parcels: group.map(toMessage) }),
        headers: { source: 'packing-service', schemaVersion: '1' },
      })),
    });
    await this.store.markAnnounced(parcels.map((parcel) => parcel.parcelNo));
    this.logger.info({ topic: PARCELS_PACKED, records: groups.length, parcels: parcels.length }, 'parcels announced');
  }
}

function toMessage(parcel: Parcel): Record<string, unknown> {
  return {
    parcelNo: parcel.parcelNo,
    orderId: parcel.orderId,
    pickId: parcel.pickId,
    weightGrams: parcel.weightGrams,
  };
}

export function chunks<T>(items: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < items.length; i += size) out.push(items.slice(i, i + size));
  return out;
}
