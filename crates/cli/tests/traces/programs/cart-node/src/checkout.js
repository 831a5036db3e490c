'use strict';

const { loadCustomer } = require('./customers');
const { charge } = require('./payments');

async function checkout(cart, customerId) {
  const customer = await loadCustomer(customerId);
  const receipt = await charge(customer, cart);
  return { receipt, for: customer.name };
}

async function checkoutAll(carts) {
  return Promise.all(carts.map(async (cart, at) => checkout(cart, at)));
}

module.exports = { checkout, checkoutAll };
