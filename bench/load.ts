import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { CHAT, type Shape, type Wire } from './wires.ts';

/** What one streamed completion looked like from the client's side. Times in ms. */
export interface Observation {
  /** From sending the request to the first content delta. */
  readonly firstDelta: number;
  /** For each delta: received minus sent by the upstream. */
  readonly lateness: readonly number[];
  /** Deltas missing, repeated or out of order. */
  readonly wrong: number;
}

/** The benchmark's client: one pool for all its requests. */
export class Load {
  readonly #agent = new Agent({ connections: 256, pipelining: 1, allowH2: false, keepAliveTimeout: 60_000 });

  /** Runs one streamed completion, by default as OpenAI's chat does. */
  async completion(port: number, shape: Shape, wire: Wire = CHAT): Promise<Observation> {
    const sent = process.hrtime.bigint();
    const { body, statusCode } = await request(`http://127.0.0.1:${port}${wire.path}`, {
      method: 'POST',
      dispatcher: this.#agent,
      headers: { 'content-type': 'application/json', 'x-sluice-on-disconnect': 'continue' },
      body: JSON.stringify(wire.body(shape)),
    });
    const lateness: number[] = [];
    const numbers: number[] = [];
    let firstDelta = 0;
    let rest = '';
    for await (const bytes of body as AsyncIterable<Buffer>) {
      const now = process.hrtime.bigint();
      const text = rest + bytes.toString('latin1');
      const whole = text.lastIndexOf('\n\n') + 1;
      rest = text.slice(whole);
      for (const [, number, stamp] of text.slice(0, whole).matchAll(wire.content)) {
        if (numbers.length === 0) firstDelta = Number(now - sent) / 1e6;
        numbers.push(Number(number));
        lateness.push(Number(now - BigInt(stamp ?? '0')) / 1e6);
      }
    }
    if (statusCode !== 200) throw new Error(`port ${port} answered ${statusCode}: ${rest}`);
    const wrong =
      numbers.filter((number, place) => number !== place).length + Math.abs(shape.deltas - numbers.length);
    return { firstDelta, lateness, wrong };
  }

  /** Runs `total` completions, `inFlight` at a time; also the seconds that took. */
  async many(
    port: number,
    shape: Shape,
    load: { readonly total: number; readonly inFlight: number; readonly wire?: Wire },
  ): Promise<{ observations: Observation[]; seconds: number }> {
    const observations: Observation[] = [];
    let begun = 0;
    const began = performance.now();
    const lane = async (_: unknown, place: number): Promise<void> => {
      // Streams that began together would send each of their deltas together, for ever.
      if (shape.pause > 0) await delay((place * shape.pause) / load.inFlight);
      while (begun < load.total) {
        begun += 1;
        observations.push(await this.completion(port, shape, load.wire));
      }
    };
    await Promise.all(Array.from({ length: load.inFlight }, lane));
    return { observations, seconds: (performance.now() - began) / 1000 };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** The middle value; for an even count the lower of the two. */
export function quantile(values: readonly number[], share = 0.5): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    sorted[Math.min(sorted.length - 1, Math.floor(share * (sorted.length - (share === 0.5 ? 1 : 0))))] ??
    Number.NaN
  );
}
