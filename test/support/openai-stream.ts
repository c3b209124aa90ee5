import type { Script, Step } from './upstream-server.ts';

const event = (body: object): string => `data: ${JSON.stringify(body)}\n\n`;

/** A chunk as OpenAI's servers stream it. */
export const chunk = (delta: object, rest: object = {}): string =>
  event({ choices: [{ index: 0, delta, finish_reason: null, ...rest }] });
/** What ends a stream. */
export const DONE = 'data: [DONE]\n\n';

/** A piece of text. */
export function textEvent(content: string): string {
  return chunk({ content });
}

const START = chunk({ role: 'assistant', content: '' });
const FINISH = chunk({}, { finish_reason: 'stop' });
const USAGE = event({
  choices: [],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
});

/** An answer that never ends by itself: the pieces, each after the steps given with it, and then silence. */
export function openAnswer(...steps: Step[]): Script {
  return { steps: [START, ...steps, 'hang'] };
}

/** A whole answer. */
export function wholeAnswer(...steps: Step[]): Script {
  return { steps: [START, ...steps, FINISH, USAGE, DONE] };
}

/** The configuration of a model group `upstream` that is served by an OpenAI-compatible server. */
export function upstreamModel(url: string): object {
  return {
    model_name: 'upstream',
    litellm_params: { model: 'openai/upstream', api_base: `${url}/v1`, api_key: 'sk-test' },
  };
}

export const UPSTREAM_REQUEST = { model: 'upstream', messages: [{ role: 'user', content: 'go' }] };
