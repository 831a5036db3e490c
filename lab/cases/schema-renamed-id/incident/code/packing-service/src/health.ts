import { createServer, type Server } from 'node:http';

/** GET /health: 200 when ready, 503 before. */
export function serveHealth(port: number, isReady: () => boolean): Promise<Server> {
  const server = createServer((request, response) => {
    const known = request.url === '/health';
    const status = known ? (isReady() ? 200 : 503) : 404;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: status === 200 ? 'UP' : 'DOWN' }));
  });
  return new Promise((resolve) => server.listen(port, () => resolve(server)));
}
