import { j2Complete } from '../../../src/providers/formats/ai21-j2/format.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

function token(text: string): object {
  const generatedToken = { token: text, logprob: -0.5, raw_logprob: -0.5 };
  return { generatedToken, topTokens: null, textRange: { start: 0, end: text.length } };
}

function answer(...texts: string[]): string {
  return JSON.stringify({
    id: 1234,
    prompt: { text: 'hi', tokens: [token('▁hi')] },
    completions: texts.map((text) => ({
      data: { text, tokens: [token(text), token('<|endoftext|>')] },
      finishReason: { reason: 'endoftext' },
    })),
  });
}

const whole = answer(TEXT);
const [begin, middle, end] = [whole.slice(0, 40), whole.slice(40, -30), whole.slice(-30)];

/** The completions of AI21's Jurassic-2 models: one JSON document. */
export const ai21J2: UpstreamScripts = {
  model: 'j2-test',
  format: j2Complete,
  contentType: 'application/json',
  streams: false,
  answer: [begin, middle, end],
  twoChoices: [answer(TEXT, TEXT)],
  empty: [answer('')],
  cut: [begin, middle],
  overloaded: null,
  tools: null,
  errorBody: (_status, message) => JSON.stringify({ detail: message }),
};
