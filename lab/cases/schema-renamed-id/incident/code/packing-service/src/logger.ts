import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { logLevel, type LogEntry, type logCreator } from 'kafkajs';
import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

export function createLogger(instance: string, logDir?: string): Logger {
  const options = { level: process.env.LOG_LEVEL ?? 'info', base: { service: 'packing-service', instance } };
  if (logDir === undefined) return pino(options);
  mkdirSync(logDir, { recursive: true });
  // Synchronous, so that the last words before a crash are not lost.
  return pino(options, pino.destination({ dest: join(logDir, `${instance}.log`), sync: true }));
}

/** kafkajs writes to the console by default; its lines belong among ours. */
export function kafkaLogCreator(logger: Logger): logCreator {
  const kafka = logger.child({ logger: 'kafkajs' });
  return () => (entry: LogEntry) => {
    const { message, timestamp: _timestamp, logger: _logger, ...fields } = entry.log;
    switch (entry.level) {
      case logLevel.ERROR:
        return kafka.error(fields, message);
      case logLevel.WARN:
        return kafka.warn(fields, message);
      case logLevel.DEBUG:
        return kafka.debug(fields, message);
      default:
        return kafka.info(fields, message);
    }
  };
}
