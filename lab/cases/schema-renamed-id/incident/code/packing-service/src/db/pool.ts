import { createPool, type Pool } from 'mysql2/promise';
import type { Config } from '../config';

export function openPool(db: Config['db']): Pool {
  return createPool({
    host: db.host,
    port: db.port,
    database: db.database,
    user: db.user,
    password: db.password,
    connectionLimit: db.poolSize,
    timezone: 'Z',
    supportBigNumbers: true,
  });
}
