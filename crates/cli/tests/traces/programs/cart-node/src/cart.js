'use strict';

const { Stock } = require('./stock');

class Cart {
  constructor(stock = new Stock([])) {
    this.stock = stock;
    this.lines = [];
  }

  add(sku, count) {
    this.stock.reserve(sku, count);
    this.lines.push({ sku, count });
    return this;
  }

  weight() {
    return this.lines.map((line) => line.count * this.stock.find(line.sku).size.grams).reduce((a, b) => a + b, 0);
  }

  total(prices) {
    let sum = 0;
    for (const line of this.lines) {
      sum += prices[line.sku];
    }
    return sum;
  }
}

module.exports = { Cart };
