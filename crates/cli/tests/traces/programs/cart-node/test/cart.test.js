const { Cart } = require('../src/cart');
const { Stock } = require('../src/stock');

describe('cart', () => {
  const stock = () => new Stock([{ sku: 'mug', left: 5 }]);

  test('counts every piece', () => {
    const cart = new Cart(stock()).add('mug', 2);
    expect(cart.total({ mug: 300 })).toBe(600);
  });

  test('weighs', () => {
    const cart = new Cart(stock()).add('mug', 1);
    expect(cart.weight()).toBe(0);
  });
});
