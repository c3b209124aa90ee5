import { expect } from 'vitest';
import { Fold } from '../../src/core/fold.ts';
import { responsesFormat } from '../../src/providers/formats/openai-responses/format.ts';
import { decode } from './decode.ts';
import type { Outcome } from './provider-calls.ts';

/** An event of a stream of OpenAI's responses; one without a name is sent as plain data. */
export interface ResponseEvent {
  readonly type: string;
  readonly named?: false;
  readonly [field: string]: unknown;
}

export function completionOf({ deltas }: Outcome) {
  const fold = new Fold();
  for (const delta of deltas) fold.add(delta);
  return fold.completion({ id: 'i', created: 0, model: 'm' });
}

/** What a stream of these events, and no others, amounts to. */
export function decodeEvents(...events: ResponseEvent[]): Outcome {
  const pieces = events.map(({ named = true, ...data }) => {
    return `${named ? `event: ${data.type}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
  });
  return decode(responsesFormat(), pieces);
}

/** The choice that a stream of these events, with a beginning and a good end, amounts to. */
export function readEvents(...events: ResponseEvent[]) {
  const outcome = decodeEvents(CREATED, ...events, completed());
  expect(outcome.error).toBeNull();
  const { choices, service_tier } = completionOf(outcome);
  const [choice] = choices;
  if (!choice) throw new Error('There is no choice.');
  return { ...choice, service_tier, deltas: outcome.deltas };
}

export const CREATED: ResponseEvent = {
  type: 'response.created',
  response: { status: 'in_progress', service_tier: 'flex' },
};

export function completed(fields: object = {}): ResponseEvent {
  return { type: 'response.completed', response: { status: 'completed', output: [], ...fields } };
}

export function text(delta: string, fields: object = {}): ResponseEvent {
  return { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta, ...fields };
}

export function done(output_index: number, item: object): ResponseEvent {
  return { type: 'response.output_item.done', output_index, item };
}
