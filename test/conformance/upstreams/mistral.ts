import { mistralChat } from '../../../src/providers/formats/mistral/format.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };

/** The last chunk of an answer has its usage; `p` is padding. */
function chunk(delta: unknown, finish_reason: string | null = null, index = 0): string {
  const usage = finish_reason !== null && { usage: USAGE };
  const choices = [{ index, delta, finish_reason }];
  return `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices, ...usage, p: 'abcdef' })}\n\n`;
}

function texts(index = 0): string[] {
  return [
    chunk({ role: 'assistant', content: '' }, null, index),
    chunk({ content: [{ type: 'text', text: TEXT.slice(0, 5) }] }, null, index),
    chunk({ content: TEXT.slice(5) }, null, index),
    chunk({ content: '' }, 'stop', index),
  ];
}

const [begin = '', ...rest] = texts();
const cut = [begin, chunk({ content: TEXT })];
const done = 'data: [DONE]\n\n';

/** Mistral's chat completions: content in parts, then plain, and tool calls whole and without an index. */
export const mistral: UpstreamScripts = {
  model: 'mistral-test',
  format: mistralChat,
  contentType: 'text/event-stream; charset=utf-8',
  answer: [begin, ...rest, done],
  twoChoices: [...texts(0), ...texts(1), done],
  empty: [begin, chunk({ content: '' }, 'stop'), done],
  cut,
  overloaded: [
    ...cut,
    'data: {"object":"error","message":"Service tier capacity exceeded for this model.",',
    '"type":"service_tier_capacity_exceeded","param":null,"code":"3505"}\n\n',
  ],
  tools: [
    begin,
    chunk(
      {
        content: '',
        tool_calls: [
          { id: 'EscTeQY62', function: { name: 'look', arguments: JSON.stringify({ at: TEXT }) } },
          { id: 'a1b2c3d4e', function: { name: 'stop', arguments: '{}' } },
        ],
      },
      'tool_calls',
    ),
    done,
  ],
  errorBody: (status, message) =>
    JSON.stringify(
      status === 401 ? { detail: message } : { object: 'error', message, type: 'invalid_request_error' },
    ),
};
