// What a customer is told before ordering.
import { Tariff } from './tariff';

type Answer = { zone: string; cents: number };

export async function quote(zone: string, grams: number): Promise<Answer> {
  const tariff = new Tariff();
  await Promise.resolve();
  return { zone, cents: tariff.price(zone, grams) };
}

if (require.main === module) {
  quote(process.argv[2], Number(process.argv[3])).then(console.log);
}
