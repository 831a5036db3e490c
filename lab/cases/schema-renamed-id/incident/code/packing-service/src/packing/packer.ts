import { isDuplicate, isTransient, UnprocessablePickError } from '../errors';
import type { Logger } from '../logger';
import { estimateWeight, type Carton } from './carton';
import type { Parcel, ParcelStore } from './parcelStore';
import type { ReadyPick } from './pick';

export interface Packed {
  /** Closed and to be announced, new ones and those whose announcement was lost. */
  parcels: Parcel[];
  refused: { pick: ReadyPick; error: Error }[];
}

/** Turns a batch of picks into parcels. */
export class Packer {
  private cartons = new Map<string, Carton>();

  constructor(
    private readonly store: ParcelStore,
    private readonly logger: Logger,
  ) {}

  async pack(picks: ReadyPick[]): Promise<Packed> {
    const known = await this.store.byPick(picks.map((pick) => pick.pickId));
    const fresh = unique(picks).filter((pick) => !known.has(pick.pickId));
    const { parcels, refused } = await this.plan(fresh);
    const stored = await this.save(parcels, refused, fresh);
    const again = [...known.values()].filter((parcel) => parcel.state === 'PACKED');
    if (known.size > again.length) {
      this.logger.debug({ picks: known.size - again.length }, 'picks were packed and announced before');
    }
    for (const parcel of stored) {
      this.logger.info({ parcelNo: parcel.parcelNo, carton: parcel.carton, weightGrams: parcel.weightGrams }, 'parcel closed');
    }
    return { parcels: [...again, ...stored], refused };
  }

  private async plan(picks: ReadyPick[]): Promise<Packed> {
    const refused: Packed['refused'] = [];
    const planned: { pick: ReadyPick; carton: Carton }[] = [];
    for (const pick of picks) {
      const carton = await this.cartonFor(pick.zone);
      if (carton === undefined) {
        refused.push({ pick, error: new UnprocessablePickError(`no carton for zone ${pick.zone}`) });
      } else {
        planned.push({ pick, carton });
      }
    }
    const numbers = await this.store.nextNumbers(planned.length);
    const parcels = planned.map(({ pick, carton }, i) => toParcel(numbers[i] as string, pick, carton));
    return { parcels, refused };
  }

  /** The whole batch in one statement; where that fails for good, one by one, so that one bad pick costs only itself. */
  private async save(parcels: Parcel[], refused: Packed['refused'], picks: ReadyPick[]): Promise<Parcel[]> {
    try {
      await this.store.insertAll(parcels);
      return parcels;
    } catch (error) {
      if (isTransient(error)) throw error;
      this.logger.warn({ err: error, parcels: parcels.length }, 'batch insert failed, storing parcels one by one');
    }
    const stored: Parcel[] = [];
    for (const parcel of parcels) {
      try {
        await this.store.insertAll([parcel]);
        stored.push(parcel);
      } catch (error) {
        if (isTransient(error)) throw error;
        // Somebody else packed it in between, for example the instance that had this partition before a rebalance.
        if (isDuplicate(error)) continue;
        const pick = picks.find((p) => p.pickId === parcel.pickId) as ReadyPick;
        refused.push({ pick, error: error as Error });
      }
    }
    return stored;
  }

  private async cartonFor(zone: string): Promise<Carton | undefined> {
    if (!this.cartons.has(zone)) this.cartons = await this.store.cartons();
    return this.cartons.get(zone);
  }
}

function toParcel(parcelNo: string, pick: ReadyPick, carton: Carton): Parcel {
  return {
    parcelNo,
    orderId: pick.orderId,
    pickId: pick.pickId,
    zone: pick.zone,
    carton: carton.code,
    weightGrams: estimateWeight(carton, pick.pickId),
    state: 'PACKED',
  };
}

function unique(picks: ReadyPick[]): ReadyPick[] {
  return [...new Map(picks.map((pick) => [pick.pickId, pick])).values()];
}
