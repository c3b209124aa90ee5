import { ollamaChat } from '../../../src/providers/formats/ollama/format.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

function line(fields: object): string {
  return `${JSON.stringify({ model: 'llama-test', created_at: '2026-08-04T19:59:11.820116Z', ...fields })}\n`;
}

function say(message: object): string {
  return line({ message: { role: 'assistant', content: '', ...message }, done: false });
}

const end = line({
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'stop',
  total_duration: 8961393875,
  prompt_eval_count: 1,
  eval_count: 2,
});
const cut = [say({ thinking: '' }), say({ content: TEXT })];

/** Ollama's own chat: a JSON object a line, tool calls whole, with objects for arguments and mostly without ids. */
export const ollama: UpstreamScripts = {
  model: 'llama-test',
  format: ollamaChat,
  contentType: 'application/x-ndjson',
  answer: [...cut, end],
  twoChoices: null,
  empty: [end],
  cut,
  overloaded: [...cut, `${JSON.stringify({ error: 'server busy, please try again', status: 503 })}\n`],
  tools: [
    say({ tool_calls: [{ function: { index: 0, name: 'look', arguments: { at: TEXT } } }] }),
    say({ tool_calls: [{ function: { index: 0, name: 'stop', arguments: {} } }] }),
    end,
  ],
  errorBody: (_status, message) => JSON.stringify({ error: message }),
};
