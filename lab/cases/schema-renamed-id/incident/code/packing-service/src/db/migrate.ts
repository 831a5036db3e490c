import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import type { Logger } from '../logger';

export const MIGRATIONS = join(__dirname, '..', '..', 'migrations');

/** Applies the SQL files that were not applied yet, in the order of their names. */
export async function migrate(pool: Pool, logger: Logger, folder = MIGRATIONS): Promise<void> {
  await pool.query(
    'CREATE TABLE IF NOT EXISTS schema_history (name VARCHAR(120) PRIMARY KEY, applied_at DATETIME(3) NOT NULL)',
  );
  const [rows] = await pool.query<RowDataPacket[]>('SELECT name FROM schema_history');
  const applied = new Set(rows.map((row) => row.name as string));
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  for (const name of files.filter((file) => !applied.has(file))) {
    for (const statement of statements(await readFile(join(folder, name), 'utf8'))) await pool.query(statement);
    await pool.query('INSERT INTO schema_history VALUES (?, UTC_TIMESTAMP(3))', [name]);
    logger.info({ migration: name }, 'migration applied');
  }
}

/** Our migrations have no procedures and no semicolons in texts, so a line's last character ends a statement. */
export function statements(sql: string): string[] {
  return sql
    .split(/;\s*$/m)
    .map((part) => part.replace(/^\s*--.*$/gm, '').trim())
    .filter((part) => part !== '');
}
