'use strict';

class Stock {
  constructor(items) {
    this.items = items;
  }

  find(sku) {
    return this.items.find((item) => item.sku === sku);
  }

  reserve(sku, count) {
    const item = this.find(sku);
    if (item.left < count) {
      throw new Error(`only ${item.left} of ${sku} left`);
    }
    item.left -= count;
    return item;
  }
}

module.exports = { Stock };
