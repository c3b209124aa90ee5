import { cohereChat } from '../../../src/providers/formats/cohere/format.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

function event(type: string, fields: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function message(type: string, parts: object, index?: number): string {
  return event(type, { index, delta: { message: parts } });
}

function ending(finish_reason: string, error?: object): string {
  const usage = {
    billed_units: { input_tokens: 90, output_tokens: 90 },
    tokens: { input_tokens: 1, output_tokens: 2 },
  };
  return event('message-end', { delta: { finish_reason, usage, ...error } });
}

const nothing = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] };
const begin = event('message-start', { id: 'm', delta: { message: nothing } });
const cut = [
  begin,
  message('content-start', { content: { type: 'text', text: '' } }, 0),
  message('content-delta', { content: { text: TEXT } }, 0),
];
const done = 'data: [DONE]\n\n';

function call(index: number, id: string, name: string): string {
  const tool_calls = { id, type: 'function', function: { name, arguments: '' } };
  return message('tool-call-start', { tool_calls }, index);
}

function args(text: string): string {
  return message('tool-call-delta', { tool_calls: { function: { arguments: text } } }, 0);
}

/** Cohere's chat, version 2: tool calls are counted apart from content, and end without arguments if they have none. */
export const cohere: UpstreamScripts = {
  model: 'command-test',
  format: cohereChat,
  contentType: 'text/event-stream',
  answer: [...cut, event('content-end', { index: 0 }), ending('COMPLETE'), done],
  twoChoices: null,
  empty: [begin, ending('COMPLETE'), done],
  cut,
  overloaded: [
    ...cut,
    ending('ERROR', { error: 'The model is overloaded.', error_type: 'OVERLOADED' }),
    done,
  ],
  tools: [
    begin,
    message('tool-plan-delta', { tool_plan: 'I will look.' }),
    call(0, 'look_1', 'look'),
    args('{"at": '),
    args(`"${TEXT}"}`),
    event('tool-call-end', { index: 0 }),
    call(1, 'stop_2', 'stop'),
    event('tool-call-end', { index: 1 }),
    ending('TOOL_CALL'),
    done,
  ],
  errorBody: (_status, text) => JSON.stringify({ id: 'e', message: text }),
};
