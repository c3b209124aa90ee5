import { responsesFormat } from '../../../src/providers/formats/openai-responses/format.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

/** `obfuscation` is padding. */
function event(type: string, fields: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields, obfuscation: 'x7Gk' })}\n\n`;
}

function response(status: string, fields: object = {}): object {
  return { response: { id: 'resp_1', object: 'response', status, output: [], usage: null, ...fields } };
}

const usage = {
  input_tokens: 1,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 2,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 3,
};
const begin = [
  event('response.created', response('in_progress')),
  event('response.in_progress', response('in_progress')),
];
const thinking = [
  event('response.output_item.added', {
    output_index: 0,
    item: { id: 'rs_1', type: 'reasoning', summary: [] },
  }),
  event('response.output_item.done', {
    output_index: 0,
    item: { id: 'rs_1', type: 'reasoning', summary: [] },
  }),
];

function message(status: string, content: object[]): object {
  return { output_index: 1, item: { id: 'msg_1', type: 'message', status, role: 'assistant', content } };
}

const part = { item_id: 'msg_1', output_index: 1, content_index: 0 };
const text = { type: 'output_text', annotations: [], logprobs: [], text: TEXT };
const cut = [
  ...begin,
  ...thinking,
  event('response.output_item.added', message('in_progress', [])),
  event('response.content_part.added', { ...part, part: { ...text, text: '' } }),
  event('response.output_text.delta', { ...part, delta: TEXT, logprobs: [] }),
];

function call(index: number, name: string, deltas: readonly string[]): string[] {
  const item = { id: `fc_${index}`, type: 'function_call', call_id: `call_${index}`, name };
  const place = { item_id: item.id, output_index: index };
  const args = deltas.join('');
  const whole = { ...item, status: 'completed', arguments: args };
  return [
    event('response.output_item.added', { output_index: index, item: { ...item, arguments: '' } }),
    ...deltas.map((delta) => event('response.function_call_arguments.delta', { ...place, delta })),
    event('response.function_call_arguments.done', { ...place, arguments: args }),
    event('response.output_item.done', { output_index: index, item: whole }),
  ];
}

const completed = event('response.completed', response('completed', { usage }));

/** OpenAI's responses: items that begin, stream and are done, with ids of their own beside those of calls. */
export const openaiResponses: UpstreamScripts = {
  model: 'responses/gpt-test',
  format: responsesFormat(),
  contentType: 'text/event-stream; charset=utf-8',
  answer: [
    ...cut,
    event('response.output_text.done', { ...part, text: TEXT, logprobs: [] }),
    event('response.content_part.done', { ...part, part: text }),
    event('response.output_item.done', message('completed', [text])),
    completed,
  ],
  twoChoices: null,
  empty: [...begin, completed],
  cut,
  overloaded: [
    ...cut,
    event('error', {
      sequence_number: 7,
      error: { type: 'service_unavailable_error', code: 'server_is_overloaded', message: 'Overloaded.' },
    }),
    event('response.failed', response('failed', { error: { code: 'server_is_overloaded', message: '…' } })),
  ],
  tools: [
    ...begin,
    ...thinking,
    ...call(1, 'look', ['{"at": ', `"${TEXT}"}`]),
    ...call(2, 'stop', ['{}']),
    completed,
  ],
  errorBody: (_status, message) =>
    JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
};
