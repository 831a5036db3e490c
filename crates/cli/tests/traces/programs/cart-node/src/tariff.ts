// Prices of a delivery.

export interface Zone {
  name: string;
  prices: { upTo: number; cents: number }[];
}

// Zones in the order in which they are tried.
const ZONES: Zone[] = [
  { name: 'near', prices: [{ upTo: 1000, cents: 490 }] },
  { name: 'far', prices: [{ upTo: 1000, cents: 990 }, { upTo: 5000, cents: 1490 }] },
];

export class Tariff {
  constructor(private readonly zones: Zone[] = ZONES) {}

  // Undefined where there is no such zone.
  private zone(name: string): Zone | undefined {
    return this.zones.find((zone) => zone.name === name);
  }

  /** The price for a weight in grams. */
  price(name: string, grams: number): number {
    const zone = this.zone(name);
    const step = zone.prices.find((price) => grams <= price.upTo);
    return step.cents;
  }
}
