import { tgiGenerate } from '../../../src/providers/formats/tgi/format.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

function event(payload: object): string {
  // TGI writes no space behind the colon.
  return `data:${JSON.stringify(payload)}\n\n`;
}

function token(text: string, special = false): object {
  return { index: 1, token: { id: 5, text, logprob: -0.1, special }, generated_text: null, details: null };
}

const details = { finish_reason: 'eos_token', generated_tokens: 3, input_length: 4, seed: null };
const begin = event(token(TEXT.slice(0, 2)));
const middle = event(token(TEXT.slice(2)));
const end = event({ ...token('</s>', true), generated_text: TEXT, details });

/** Text Generation Inference's own route. */
export const tgi: UpstreamScripts = {
  model: 'tgi/any-model',
  format: tgiGenerate,
  contentType: 'text/event-stream',
  answer: [begin, middle, end],
  twoChoices: null,
  empty: [event({ ...token('</s>', true), generated_text: '', details })],
  cut: [event(token(TEXT))],
  overloaded: [event(token(TEXT)), event({ error: 'Model is overloaded', error_type: 'overloaded' })],
  tools: null,
  errorBody: (_status, message) => JSON.stringify({ error: message, error_type: 'validation' }),
};
