import type { End, SurfaceClient } from './surface-client.ts';

const ENDS: Readonly<Record<string, End>> = {
  end_turn: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

interface Block {
  readonly type: string;
  readonly name: string;
  text?: string;
  thinking?: string;
  json?: string;
  readonly input?: unknown;
}

function said(blocks: readonly Block[]) {
  const ofType = (type: string): Block[] => blocks.filter((block) => block.type === type);
  return {
    text: ofType('text')
      .map(({ text }) => text)
      .join(''),
    reasoning: ofType('thinking')
      .map(({ thinking }) => thinking)
      .join(''),
    // Its refusals have no block of their own.
    refusal: '',
    calls: ofType('tool_use').map(({ name, input, json }) => {
      return { name, arguments: json ?? JSON.stringify(input) };
    }),
  };
}

/** Anthropic's messages. */
export const messagesClient: SurfaceClient = {
  name: 'messages',
  path: '/v1/messages',
  abilities: new Set(['reasoning', 'tools']),
  body: (mock, changes) => ({
    model: 'scripted/echo',
    max_tokens: 1000,
    messages: [{ role: 'user', content: 'zanzibar' }],
    mock_response: mock,
    ...changes,
  }),
  readWhole: ({ content, stop_reason }) => ({
    ...said(content),
    end: ENDS[stop_reason] ?? 'cut',
    error: null,
  }),
  readStream: (events) => {
    const blocks: Block[] = [];
    let end: End = 'cut';
    for (const { event, data } of events) {
      const { type, index, content_block, delta, error } = JSON.parse(data);
      if (event !== type) throw new Error(`an event ${event} has the type ${type}`);
      if (type === 'error') return { ...said(blocks), end: 'failed', error: error.message };
      if (type === 'message_stop') return { ...said(blocks), end, error: null };
      if (type === 'message_delta') end = ENDS[delta.stop_reason] ?? end;
      if (type === 'content_block_start') blocks[index] = { ...content_block, json: '' };
      const block = blocks[index];
      if (type !== 'content_block_delta' || block === undefined) continue;
      block.text = (block.text ?? '') + (delta.text ?? '');
      block.thinking = (block.thinking ?? '') + (delta.thinking ?? '');
      block.json = (block.json ?? '') + (delta.partial_json ?? '');
    }
    return { ...said(blocks), end: 'cut', error: null };
  },
  errorMessage: ({ type, error, request_id }) => {
    if (type !== 'error' || !/^req_/.test(request_id)) throw new Error('not an error of messages');
    return error.message;
  },
};
