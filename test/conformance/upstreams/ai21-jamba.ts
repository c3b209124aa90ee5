import { jambaChat } from '../../../src/providers/formats/ai21-jamba/format.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };

/** The last chunk of an answer has its usage. */
function chunk(delta: unknown, finish_reason: string | null = null, index = 0): string {
  const usage = finish_reason !== null && { usage: USAGE };
  return `data: ${JSON.stringify({ id: 'chat-1', choices: [{ index, delta, finish_reason }], ...usage })}\n\n`;
}

function texts(index = 0): string[] {
  return [
    chunk({ role: 'assistant' }, null, index),
    chunk({ content: TEXT }, null, index),
    chunk({ content: '' }, 'stop', index),
  ];
}

function call(index: number, id: string, name: string, args: string): string {
  return chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: args } }] });
}

const [begin = '', middle = ''] = texts();
const done = 'data: [DONE]\n\n';

/** The chat completions of AI21's Jamba models. */
export const ai21Jamba: UpstreamScripts = {
  model: 'jamba-test',
  format: jambaChat,
  contentType: 'text/event-stream; charset=utf-8',
  answer: [...texts(), done],
  twoChoices: [...texts(0), ...texts(1), done],
  empty: [begin, chunk({ content: '' }, 'stop'), done],
  cut: [begin, middle],
  overloaded: [begin, middle, 'data: {"error":{"message":"Overloaded","code":503}}\n\n'],
  tools: [
    begin,
    call(0, 'chatcmpl-tool-1', 'look', JSON.stringify({ at: TEXT })),
    call(1, 'chatcmpl-tool-2', 'stop', '{}'),
    chunk({}, 'tool_calls'),
    done,
  ],
  errorBody: (_status, message) => JSON.stringify({ detail: message }),
};
