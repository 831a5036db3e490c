import { readConfig } from './config';
import { serveHealth } from './health';
import { createLogger } from './logger';
import { startService, type Running } from './service';

async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger(config.instance, config.logDir);
  let running: Running | undefined;

  const stop = async (code: number) => {
    await running?.stop().catch((err) => logger.warn({ err }, 'stop was not clean'));
    logger.info('stopped');
    process.exit(code);
  };
  process.once('SIGTERM', () => void stop(0));
  process.once('SIGINT', () => void stop(0));

  const { version } = require('../package.json') as { version: string };
  logger.info({ version, port: config.port }, 'starting');
  await serveHealth(config.port, () => running !== undefined);
  running = await startService(config, logger, (err) => {
    logger.fatal({ err }, 'consumer gave up');
    void stop(1);
  });
  logger.info('ready');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
