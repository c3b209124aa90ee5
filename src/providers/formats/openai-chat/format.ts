import type { RequestMessage } from '../../../core/completion.ts';
import { REQUEST_FIELDS, type RequestField } from '../../request/fields.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import type { Format } from '../format.ts';
import { ChatReader, type ChatReading } from './reader.ts';

/** How a vendor's dialect of OpenAI's chat completions differs from it. */
export interface ChatDialect extends ChatReading {
  /** For people; by default `OpenAI chat completions`. */
  readonly name?: string;
  /** Fields that the vendor refuses, or silently ignores though they change the answer. */
  readonly unsupported?: readonly RequestField[];
  /** Its own names of fields: `{seed: 'random_seed'}`. */
  readonly rename?: Readonly<Record<string, string>>;
  /** False where the vendor refuses `stream_options` and sends usage unasked. */
  readonly streamOptions?: boolean;
  /** What of an answer the vendor wants back in the next turn, beside what OpenAI has: `reasoning_content`. */
  readonly echoes?: readonly string[];
  /** The last touch to a body, for what no table can say. May change what it is given. */
  readonly adjust?: (body: Record<string, unknown>, request: PreparedRequest) => void;
}

/** OpenAI's chat completions in one vendor's dialect; without one, OpenAI's own. */
export function chatFormat(dialect: ChatDialect = {}): Format {
  const { unsupported = [], name = 'OpenAI chat completions' } = dialect;
  return {
    name,
    supports: new Set(REQUEST_FIELDS.filter((field) => !unsupported.includes(field))),
    media: 'urls',
    encode: (request) => encode(request, dialect),
    read: (answer) => new ChatReader(answer, dialect),
  };
}

/** The request as the client wrote it, streamed, with usage, and in the vendor's dialect. */
function encode(request: PreparedRequest, dialect: ChatDialect): object {
  const body: Record<string, unknown> = { ...request.body, model: request.model, stream: true };
  delete body.mock_response;
  delete body.drop_params;
  if (body.store !== true) {
    // Storing is Sluice's own business unless it was asked for, and OpenAI takes no metadata without it.
    delete body.store;
    delete body.metadata;
  }
  body.messages = withoutAnswerFields(body.messages, dialect.echoes ?? []);
  if (dialect.streamOptions === false) delete body.stream_options;
  else body.stream_options = { ...request.fields.stream_options, include_usage: true };
  for (const [ours, theirs] of Object.entries(dialect.rename ?? {})) {
    if (body[ours] === undefined) continue;
    body[theirs] ??= body[ours];
    delete body[ours];
  }
  dialect.adjust?.(body, request);
  return body;
}

/** What Sluice and others add to answers; OpenAI refuses a request whose messages have a field that it does not know. */
const ANSWER_FIELDS = [
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
  'annotations',
  'provider_specific_fields',
];

function withoutAnswerFields(messages: unknown, echoes: readonly string[]): unknown {
  const unwanted = ANSWER_FIELDS.filter((field) => !echoes.includes(field));
  return (messages as RequestMessage[]).map((message) => {
    if (message.role !== 'assistant') return message;
    const calls = message.tool_calls?.map(({ provider_specific_fields: _, ...call }) => call);
    const kept = Object.entries(message).filter(([field]) => !unwanted.includes(field));
    return { ...Object.fromEntries(kept), ...(calls && { tool_calls: calls }) };
  });
}
