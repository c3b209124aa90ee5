/** What an answer of the benchmark's upstream looks like. */
export interface Shape {
  readonly deltas: number;
  /** Ms between two deltas. */
  readonly pause: number;
}

/** How the benchmark's client speaks to one surface. */
export interface Wire {
  readonly name: string;
  readonly path: string;
  /** The request for a streamed answer of this shape. */
  body(shape: Shape): object;
  /** Finds the upstream's `<number>:<monotonic ns>` in the stream's text deltas. */
  readonly content: RegExp;
  /** What it asks for is stored, and its cost has an end only when it is in the archive. */
  readonly stores?: true;
}

const MODEL = 'bench';
const PROMPT = 'Say when.';
const MESSAGES = [{ role: 'user', content: PROMPT }];

/** Only OpenAI's own chat has a place for the pause. */
export const CHAT: Wire = {
  name: 'chat completions',
  path: '/v1/chat/completions',
  body: ({ deltas, pause }) => ({
    model: MODEL,
    stream: true,
    messages: MESSAGES,
    max_tokens: deltas,
    ...(pause > 0 && { seed: pause }),
  }),
  content: /"content":"(\d+):(\d+)"/g,
};

/** Stored, as responses are where nobody says otherwise. */
const RESPONSES: Omit<Wire, 'name'> = {
  path: '/v1/responses',
  body: ({ deltas }) => ({
    model: MODEL,
    stream: true,
    input: PROMPT,
    max_output_tokens: Math.max(deltas, 16),
  }),
  content: /"delta":"(\d+):(\d+)"/g,
};

/** Every surface that streams, chat first: the others are compared with it. */
export const WIRES: readonly Wire[] = [
  CHAT,
  {
    name: 'completions',
    path: '/v1/completions',
    body: ({ deltas }) => ({ model: MODEL, stream: true, prompt: PROMPT, max_tokens: deltas }),
    content: /"text":"(\d+):(\d+)"/g,
  },
  { ...RESPONSES, name: 'responses', body: (shape) => ({ ...RESPONSES.body(shape), store: false }) },
  { ...RESPONSES, name: 'responses, and into the archive', stores: true },
  {
    name: 'messages',
    path: '/v1/messages',
    body: ({ deltas }) => ({ model: MODEL, stream: true, messages: MESSAGES, max_tokens: deltas }),
    content: /"text_delta","text":"(\d+):(\d+)"/g,
  },
];
