/** Numbers from 0 to 1 that are the same for the same seed (mulberry32), so that a failure can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed in TEST_SEED, or a new one. */
export function chooseSeed(): number {
  return process.env.TEST_SEED === undefined
    ? Math.floor(Math.random() * 2 ** 32)
    : Number(process.env.TEST_SEED);
}
