import { hostname } from 'node:os';

export interface Config {
  instance: string;
  port: number;
  logDir: string | undefined;
  kafka: { brokers: string[]; groupId: string; sessionTimeoutMs: number; rebalanceTimeoutMs: number };
  db: { host: string; port: number; database: string; user: string; password: string; poolSize: number };
  parcelsPerRecord: number;
}

/** Everything that differs between environments comes from variables; a missing one stops the start. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const url = new URL(required(env, 'DB_URL'));
  return {
    instance: env.INSTANCE ?? `packing-service-${hostname()}`,
    port: integer(env, 'PORT', 8083),
    logDir: env.LOG_DIR,
    kafka: {
      brokers: required(env, 'KAFKA_BOOTSTRAP').split(','),
      groupId: env.KAFKA_GROUP ?? 'packing-service',
      sessionTimeoutMs: integer(env, 'KAFKA_SESSION_TIMEOUT_MS', 30_000),
      rebalanceTimeoutMs: integer(env, 'KAFKA_REBALANCE_TIMEOUT_MS', 60_000),
    },
    db: {
      host: url.hostname,
      port: Number(url.port || 3306),
      database: url.pathname.slice(1) || 'packing',
      user: env.DB_USER ?? decodeURIComponent(url.username),
      password: env.DB_PASSWORD ?? decodeURIComponent(url.password),
      poolSize: integer(env, 'DB_POOL_SIZE', 8),
    },
    parcelsPerRecord: integer(env, 'PARCELS_PER_RECORD', 6),
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

function integer(env: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const value = env[name];
  if (value === undefined || value === '') return otherwise;
  const parsed = Number(value);
  if (!Number.isInteger(parsed)) throw new Error(`${name} must be a whole number, is "${value}"`);
  return parsed;
}
