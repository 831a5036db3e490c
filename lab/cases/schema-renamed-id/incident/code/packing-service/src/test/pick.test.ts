import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statements } from '../db/migrate';
import { chunks } from '../messaging/announcer';
import { estimateWeight } from '../packing/carton';
import { parsePick } from '../packing/pick';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

test('a pick is read', () => {
  const pick = parsePick(json({ orderId: 4200017, pickId: 88, zone: 'A', status: 'READY_TO_PICK' }));
  assert.deepEqual(pick, { orderId: 4200017, pickId: 88, zone: 'A' });
});

test('what is not a pick is refused with a reason', () => {
  assert.throws(() => parsePick(null), /no value/);
  assert.throws(() => parsePick(Buffer.from('<pick/>')), /not JSON/);
  assert.throws(() => parsePick(json({ orderId: '4200017', pickId: 88, zone: 'A' })), /orderId/);
  assert.throws(() => parsePick(json({ orderId: 1, pickId: 88 })), /zone/);
});

test('a weight never exceeds what the carton bears', () => {
  const carton = { code: 'BX-S1', zone: 'A', tareGrams: 120, contentGrams: 900, maxGrams: 1000 };
  for (let pickId = 1; pickId < 200; pickId++) {
    const weight = estimateWeight(carton, pickId);
    assert.ok(weight > 120 && weight <= 1000, String(weight));
  }
});

test('parcels share records', () => {
  assert.deepEqual(chunks([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
});

test('statements are split at line ends', () => {
  assert.deepEqual(statements('-- why\nCREATE TABLE a (b INT);\nINSERT INTO a VALUES (1);\n'), [
    'CREATE TABLE a (b INT)',
    'INSERT INTO a VALUES (1)',
  ]);
});
