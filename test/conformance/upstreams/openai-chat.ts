import { chatFormat } from '../../../src/providers/formats/openai-chat/format.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

function chunk(delta: unknown, finish_reason: string | null = null, index = 0): string {
  return `data: ${JSON.stringify({ choices: [{ index, delta, finish_reason }] })}\n\n`;
}

function call(index: number, fields: object): string {
  return chunk({ tool_calls: [{ index, ...fields }] });
}

function texts(index = 0): string[] {
  return [
    chunk({ role: 'assistant', content: '' }, null, index),
    chunk({ content: TEXT }, null, index),
    chunk({}, 'stop', index),
  ];
}

const [begin = '', middle = ''] = texts();
const usage = 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n';
const done = 'data: [DONE]\n\n';

/** OpenAI's chat completions. */
export const openaiChat: UpstreamScripts = {
  model: 'gpt-test',
  format: chatFormat(),
  contentType: 'text/event-stream; charset=utf-8',
  answer: [...texts(), usage, done],
  twoChoices: [...texts(0), ...texts(1), usage],
  empty: [begin, chunk({}, 'stop'), usage],
  cut: [begin, middle],
  overloaded: [begin, middle, 'data: {"error":{"code":503,"message":"Overloaded"}}\n\n'],
  tools: [
    begin,
    call(0, { id: 'a', type: 'function', function: { name: 'look', arguments: '' } }),
    call(0, { function: { arguments: '{"at": ' } }),
    call(0, { function: { arguments: `"${TEXT}"}` } }),
    call(1, { id: 'b', type: 'function', function: { name: 'stop', arguments: '' } }),
    chunk({}, 'tool_calls'),
    usage,
  ],
  errorBody: (_status, message) => JSON.stringify({ error: { message, type: 'error' } }),
};
