'use strict';

const pino = require('pino');
const { Cart } = require('./cart');
const { Stock } = require('./stock');
const { checkout, checkoutAll } = require('./checkout');

const log = pino({ base: undefined });
const filled = () => new Cart(new Stock([{ sku: 'mug', left: 3 }])).add('mug', 1);

async function main(what) {
  if (what === 'unknown-article') {
    new Cart(new Stock([])).add('cup', 1);
  } else if (what === 'customer-without-card') {
    await checkout(filled(), 1);
  } else if (what === 'trailing-comma') {
    await checkout(filled(), 0);
  } else if (what === 'json-log') {
    await checkoutAll([filled(), filled(), filled()]).catch((err) => log.error({ err }, 'Checkout failed'));
  } else if (what === 'handler') {
    const server = require('./server').build().listen(0, async () => {
      await fetch(`http://127.0.0.1:${server.address().port}/cart/mug/weight`);
      server.close();
    });
  }
}

main(process.argv[2]);
