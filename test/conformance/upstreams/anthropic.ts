import { anthropicFormat } from '../../../src/providers/formats/anthropic/format.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

/** The spaces behind the object are Anthropic's: they hide how long a piece of the answer is. */
function event(type: string, fields: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields }).replace(/\}$/, '   }')}\n\n`;
}

function delta(index: number, fields: object): string {
  return event('content_block_delta', { index, delta: fields });
}

const begin = event('message_start', {
  message: {
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-6',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 3, cache_creation_input_tokens: 0, cache_read_input_tokens: 4, output_tokens: 1 },
  },
});

const text = [
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  event('ping'),
  delta(0, { type: 'text_delta', text: TEXT }),
];

const stop = event('content_block_stop', { index: 0 });

function end(stop_reason: string): string[] {
  const last = { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 9 } };
  return [event('message_delta', last), event('message_stop')];
}

function call(index: number, id: string, name: string, pieces: readonly string[]): string[] {
  return [
    event('content_block_start', { index, content_block: { type: 'tool_use', id, name, input: {} } }),
    ...pieces.map((partial_json) => delta(index, { type: 'input_json_delta', partial_json })),
    event('content_block_stop', { index }),
  ];
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  500: 'api_error',
};

/** Anthropic's messages. */
export const anthropic: UpstreamScripts = {
  model: 'claude-sonnet-4-6',
  format: anthropicFormat(),
  contentType: 'text/event-stream; charset=utf-8',
  answer: [begin, ...text, stop, ...end('end_turn')],
  twoChoices: null,
  empty: [begin, ...end('end_turn')],
  cut: [begin, ...text],
  overloaded: [
    begin,
    ...text,
    event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
  ],
  tools: [
    begin,
    ...call(0, 'toolu_01', 'look', ['', '{"at"', `: "${TEXT}"}`]),
    ...call(1, 'toolu_02', 'stop', ['']),
    ...end('tool_use'),
  ],
  errorBody: (status, message) => {
    const error = { type: ERROR_TYPES[status] ?? 'api_error', message };
    return JSON.stringify({ type: 'error', error, request_id: 'req_01' });
  },
};
