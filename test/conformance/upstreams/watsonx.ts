import { watsonxChat } from '../../../src/providers/formats/watsonx/chat.ts';
import { watsonxGeneration } from '../../../src/providers/formats/watsonx/generation.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

const deployment = { settings: { token: 'bearer-token', project_id: 'project-1' } };
const contentType = 'text/event-stream';

let events = 0;

function event(payload: object, name = 'message'): string {
  events += 1;
  return `id: ${events}\nevent: ${name}\ndata: ${JSON.stringify(payload)}\n\n`;
}

function failure(status: number, message: string): object {
  const error = { code: 'downstream_request_failed', message, more_info: 'https://cloud.ibm.com' };
  return { errors: [error], trace: 'f00', status_code: status };
}

function errorBody(status: number, message: string): string {
  return JSON.stringify(failure(status, message));
}

function chunk(choices: object[], others: object = {}): string {
  const head = { id: 'chat-1', model_id: 'ibm/granite', model: 'ibm/granite', created: 1749764735 };
  return event({ ...head, choices, created_at: '2025-06-12T21:45:35.150Z', ...others });
}

function delta(fields: object, finish_reason: string | null = null, index = 0): string {
  return chunk([{ index, finish_reason, delta: fields }]);
}

function call(index: number, fields: object): string {
  return delta({ tool_calls: [{ index, ...fields }] });
}

function texts(index = 0): string[] {
  return [
    delta({ role: 'assistant', content: '' }, null, index),
    delta({ content: TEXT }, null, index),
    delta({ content: '' }, 'stop', index),
  ];
}

const [begin = '', middle = ''] = texts();
const usage = chunk([], { usage: { completion_tokens: 4, prompt_tokens: 5, total_tokens: 9 } });
const overloaded = event(failure(503, 'Overloaded'), 'error');

/** watsonx's chat. */
export const watsonx: UpstreamScripts = {
  model: 'ibm/granite-3-3-8b-instruct',
  deployment,
  format: watsonxChat,
  contentType,
  answer: [...texts(), usage],
  twoChoices: [...texts(0), ...texts(1), usage],
  empty: [begin, delta({}, 'stop'), usage],
  cut: [begin, middle],
  overloaded: [begin, middle, overloaded],
  tools: [
    begin,
    call(0, { id: 'a', type: 'function', function: { name: 'look', arguments: '' } }),
    call(0, { function: { name: '', arguments: `{"at": "${TEXT}"}` } }),
    call(1, { id: 'b', type: 'function', function: { name: 'stop', arguments: '' } }),
    delta({}, 'tool_calls'),
    usage,
  ],
  errorBody,
};

function result(generated_text: string, stop_reason: string, generated: number, input = 0): string {
  const fields = { generated_text, generated_token_count: generated, input_token_count: input, stop_reason };
  return event({ model_id: 'ibm/granite', created_at: '2025-06-24T15:30:13.500Z', results: [fields] });
}

const first = result('', 'not_finished', 0, 68);

/** watsonx's text generation. */
export const watsonxText: UpstreamScripts = {
  model: 'ibm/granite-13b-instruct-v2',
  deployment,
  format: watsonxGeneration,
  contentType,
  answer: [first, result(TEXT, 'not_finished', 4), result('', 'eos_token', 5)],
  twoChoices: null,
  empty: [result('', 'eos_token', 1, 68)],
  cut: [first, result(TEXT, 'not_finished', 4)],
  overloaded: [first, result(TEXT, 'not_finished', 4), overloaded],
  tools: null,
  errorBody,
};
