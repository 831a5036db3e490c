import assert from 'node:assert/strict';
import { test } from 'node:test';
import pino from 'pino';
import { Packer } from '../packing/packer';
import type { Parcel, ParcelStore } from '../packing/parcelStore';

const silent = pino({ level: 'silent' });
const CARTON = { code: 'BX-S1', zone: 'A', tareGrams: 120, contentGrams: 900, maxGrams: 5000 };

/** A store in memory that refuses what `refuse` says. */
function storeOf(known: Parcel[], refuse: (parcel: Parcel) => string | undefined = () => undefined) {
  const rows = [...known];
  let next = 1;
  const store = {
    cartons: async () => new Map([['A', CARTON]]),
    byPick: async (ids: number[]) => new Map(rows.filter((r) => ids.includes(r.pickId)).map((r) => [r.pickId, r])),
    nextNumbers: async (count: number) => Array.from({ length: count }, () => `FMP${next++}`),
    insertAll: async (parcels: Parcel[]) => {
      for (const parcel of parcels) {
        const code = refuse(parcel);
        if (code !== undefined) throw Object.assign(new Error(code), { code });
      }
      rows.push(...parcels);
    },
  };
  return { rows, store: store as unknown as ParcelStore };
}

const pick = (pickId: number, zone = 'A') => ({ orderId: 4200000 + pickId, pickId, zone });

test('one parcel a pick, even when a batch holds it twice', async () => {
  const { rows, store } = storeOf([]);
  const packed = await new Packer(store, silent).pack([pick(1), pick(2), pick(1)]);
  assert.equal(packed.parcels.length, 2);
  assert.equal(rows.length, 2);
});

test('a parcel that was never announced is announced again, one that was is not', async () => {
  const base = { zone: 'A', carton: 'BX-S1', weightGrams: 900 };
  const { store } = storeOf([
    { ...base, parcelNo: 'FMP90', orderId: 4200001, pickId: 1, state: 'PACKED' },
    { ...base, parcelNo: 'FMP91', orderId: 4200002, pickId: 2, state: 'ANNOUNCED' },
  ]);
  const packed = await new Packer(store, silent).pack([pick(1), pick(2)]);
  assert.deepEqual(packed.parcels.map((p) => p.parcelNo), ['FMP90']);
});

test('one bad pick costs only itself', async () => {
  const { rows, store } = storeOf([], (parcel) => (parcel.pickId === 2 ? 'ER_DATA_TOO_LONG' : undefined));
  const packed = await new Packer(store, silent).pack([pick(1), pick(2), pick(3)]);
  assert.deepEqual(rows.map((r) => r.pickId), [1, 3]);
  assert.deepEqual(packed.refused.map((r) => r.pick.pickId), [2]);
});

test('a zone without carton is refused', async () => {
  const { store } = storeOf([]);
  const packed = await new Packer(store, silent).pack([pick(1, 'Z')]);
  assert.match(packed.refused[0]?.error.message ?? '', /no carton for zone Z/);
});

test('a deadlock is left to the retry of the batch', async () => {
  const { store } = storeOf([], () => 'ER_LOCK_DEADLOCK');
  await assert.rejects(new Packer(store, silent).pack([pick(1)]), /ER_LOCK_DEADLOCK/);
});
