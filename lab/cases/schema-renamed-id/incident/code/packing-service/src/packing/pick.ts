import { UnprocessablePickError } from '../errors';

/** A pick that lies at the packing station, as pick-service tells it on picks.ready.v1. */
export interface ReadyPick {
  orderId: number;
  pickId: number;
  zone: string;
}

export function parsePick(value: Buffer | null): ReadyPick {
  if (value === null) throw new UnprocessablePickError('record has no value');
  let json: unknown;
  try {
    json = JSON.parse(value.toString('utf8'));
  } catch (error) {
    throw new UnprocessablePickError('record is not JSON', { cause: error });
  }
  const pick = json as Partial<Record<string, unknown>>;
  return {
    orderId: wholeNumber(pick, 'orderId'),
    pickId: wholeNumber(pick, 'pickId'),
    zone: text(pick, 'zone'),
  };
}

function wholeNumber(pick: Partial<Record<string, unknown>>, name: string): number {
  const value = pick[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new UnprocessablePickError(`field ${name} must be a whole number`);
  }
  return value;
}

function text(pick: Partial<Record<string, unknown>>, name: string): string {
  const value = pick[name];
  if (typeof value !== 'string' || value === '') throw new UnprocessablePickError(`field ${name} is missing`);
  return value;
}
