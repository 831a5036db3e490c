'use strict';

class PaymentFailed extends Error {}

async function charge(customer, cart) {
  try {
    return await send({ token: customer.card.token, lines: cart.lines.length });
  } catch (error) {
    throw new PaymentFailed(`payment of ${customer.name} failed`, { cause: error });
  }
}

async function send(body) {
  await null;
  return JSON.parse(`{"ok": true, "lines": ${body.lines},}`);
}

module.exports = { charge, PaymentFailed };
