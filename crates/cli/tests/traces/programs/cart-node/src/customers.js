'use strict';

const CUSTOMERS = [
  { id: 0, name: 'Ada', card: { token: 't-0' } },
  { id: 1, name: 'Bob' },
];

const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

async function loadCustomer(id) {
  await pause();
  return CUSTOMERS[id];
}

module.exports = { loadCustomer };
