import type { Script, Step } from './upstream-server.ts';

const event = (body: object): string => `data: ${JSON.stringify(body)}\n\n`;

/** A piece of text as OpenAI's servers stream it. */
export function textEvent(content: string): string {
  return event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
}

const START = event({
  choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
});
const FINISH = event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
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
  return { steps: [START, ...steps, FINISH, USAGE, 'data: [DONE]\n\n'] };
}

/** The configuration of a model group `upstream` that is served by an OpenAI-compatible server. */
export function upstreamModel(url: string): object {
  return {
    model_name: 'upstream',
    litellm_params: { model: 'openai/upstream', api_base: `${url}/v1`, api_key: 'sk-test' },
  };
}

export const UPSTREAM_REQUEST = { model: 'upstream', messages: [{ role: 'user', content: 'go' }] };
