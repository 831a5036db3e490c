import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { createConnection } from 'mysql2/promise';
import pino from 'pino';
import { readConfig } from '../config';
import { startService } from '../service';

const missing = ['KAFKA_BOOTSTRAP', 'DB_URL'].filter((name) => !process.env[name]);
const skip = missing.length > 0 ? `needs real servers: ${missing.join(', ')} not set` : false;

test('a pick that is ready becomes a parcel that is announced', { skip, timeout: 60_000 }, async (t) => {
  const config = readConfig({ ...process.env, KAFKA_GROUP: `packing-it-${process.pid}` });
  const { database, ...server } = config.db;
  const admin = await createConnection({ host: server.host, port: server.port, user: server.user, password: server.password });
  const own = `packing_it_${process.pid}`;
  await admin.query(`CREATE DATABASE ${own}`);
  config.db.database = own;

  const kafka = new Kafka({ clientId: 'it', brokers: config.kafka.brokers, logLevel: logLevel.NOTHING });
  const topics = kafka.admin();
  await topics.connect();
  await topics.createTopics({
    waitForLeaders: true,
    topics: ['picks.ready.v1', 'picks.ready.v1.dlt', 'parcels.packed.v1'].map((topic) => ({ topic, numPartitions: 3 })),
  });

  const pickId = Date.now() % 1_000_000_000;
  const service = await startService(config, pino({ level: 'silent' }), (error) => assert.fail(error));
  const seen = kafka.consumer({ groupId: `packing-it-seen-${process.pid}` });
  t.after(async () => {
    await service.stop();
    await seen.disconnect();
    await topics.disconnect();
    await admin.query(`DROP DATABASE ${own}`);
    await admin.end();
  });

  await seen.connect();
  await seen.subscribe({ topics: ['parcels.packed.v1', 'picks.ready.v1.dlt'], fromBeginning: true });
  const announced = new Promise<{ orderId: number; parcelNo: string }>((resolve) => {
    void seen.run({
      eachMessage: async ({ topic, message }) => {
        if (topic !== 'parcels.packed.v1') return;
        const { parcels } = JSON.parse(String(message.value));
        const mine = parcels.find((parcel: { pickId: number }) => parcel.pickId === pickId);
        if (mine !== undefined) resolve(mine);
      },
    });
  });

  const producer = kafka.producer();
  await producer.connect();
  await producer.send({
    topic: 'picks.ready.v1',
    messages: [
      { key: '4200017', value: 'not JSON' },
      { key: '4200017', value: JSON.stringify({ orderId: 4200017, pickId, zone: 'B', status: 'READY_TO_PICK' }) },
    ],
  });
  await producer.disconnect();

  const parcel = await announced;
  assert.equal(parcel.orderId, 4200017);
  const [rows] = await admin.query(`SELECT parcel_no, state FROM ${own}.parcels WHERE pick_id = ?`, [pickId]);
  assert.deepEqual((rows as { parcel_no: string }[]).map((row) => row.parcel_no), [parcel.parcelNo]);
});
