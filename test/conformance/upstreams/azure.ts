import { chatFormat } from '../../../src/providers/formats/openai-chat/format.ts';
import { anthropic } from './anthropic.ts';
import { openaiResponses } from './openai-responses.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

const SAFE = { filtered: false, severity: 'safe' };
const RESULTS = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE };

function chunk(choices: object[], fields: object = {}): string {
  const rest = { created: 1, id: 'chatcmpl-1', model: 'gpt-test', object: 'chat.completion.chunk' };
  return `data: ${JSON.stringify({ choices, ...rest, ...fields })}\n\n`;
}

function choice(delta: object, finish_reason: string | null = null, index = 0): string {
  const results = 'content' in delta ? RESULTS : {};
  return chunk([{ content_filter_results: results, delta, finish_reason, index, logprobs: null }]);
}

/** What the filter found in the prompt, in a chunk that is empty but for it. */
const filtered = chunk([], {
  created: 0,
  id: '',
  model: '',
  object: '',
  prompt_filter_results: [{ prompt_index: 0, content_filter_results: RESULTS }],
});
const usage = chunk([], { usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } });
const done = 'data: [DONE]\n\n';

function texts(index = 0): string[] {
  return [
    choice({ content: '', refusal: null, role: 'assistant' }, null, index),
    choice({ content: TEXT }, null, index),
    choice({}, 'stop', index),
  ];
}

function call(index: number, fields: object): string {
  return choice({ tool_calls: [{ index, ...fields }] });
}

const [begin = '', middle = ''] = texts();

/** The codes of Azure's errors are names, or statuses as text. */
const CODES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: '401',
  404: 'DeploymentNotFound',
  429: '429',
};

/** Azure OpenAI: OpenAI's chat completions, between what the content filter has to say. */
export const azureChat: UpstreamScripts = {
  model: 'gpt-test',
  format: chatFormat(),
  contentType: 'text/event-stream; charset=utf-8',
  answer: [filtered, ...texts(), usage, done],
  twoChoices: [filtered, ...texts(0), ...texts(1), usage, done],
  empty: [filtered, begin, choice({}, 'stop'), usage, done],
  cut: [filtered, begin, middle],
  overloaded: [filtered, begin, middle, 'data: {"error":{"code":"503","message":"Overloaded."}}\n\n'],
  tools: [
    filtered,
    begin,
    call(0, { id: 'a', type: 'function', function: { name: 'look', arguments: '' } }),
    call(0, { function: { arguments: '{"at": ' } }),
    call(0, { function: { arguments: `"${TEXT}"}` } }),
    call(1, { id: 'b', type: 'function', function: { name: 'stop', arguments: '{}' } }),
    choice({}, 'tool_calls'),
    usage,
    done,
  ],
  errorBody: (status, message) => JSON.stringify({ error: { code: CODES[status] ?? 'Other', message } }),
};

export const azureResponses: UpstreamScripts = openaiResponses;

/** Models of other vendors on Azure, and Claude among them. */
export const foundryChat: UpstreamScripts = {
  ...azureChat,
  errorBody: (status, message) => JSON.stringify({ error: { code: 'Invalid input', status, message } }),
};
export const foundryClaude: UpstreamScripts = { ...anthropic, model: 'claude-test' };
