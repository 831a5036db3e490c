'use strict';

const express = require('express');
const { Cart } = require('./cart');
const { Stock } = require('./stock');

const stock = new Stock([{ sku: 'mug', left: 3 }]);

function build() {
  const app = express();
  app.get('/cart/:sku/weight', (request, response) => {
    const cart = new Cart(stock).add(request.params.sku, 1);
    response.json({ weight: cart.weight() });
  });
  app.use((error, request, response, next) => {
    console.error(error);
    response.status(500).end();
  });
  return app;
}

module.exports = { build };
