import type { Answer } from '../answer/answer.ts';
import type { AnswerReader } from '../answer/answer-decoder.ts';
import type { AnthropicSupport } from '../request/anthropic-fields.ts';
import type { RequestField } from '../request/fields.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';

/**
 * A wire format: how a request is written in it, and how an answer in it is read. Pure: it does no I/O and knows
 * neither addresses nor credentials.
 */
export interface Format {
  /** For people: `Anthropic messages`. */
  readonly name: string;
  /** OpenAI's request fields that it can carry; others are refused, or left out with `drop_params`. */
  readonly supports: ReadonlySet<RequestField>;
  /** How images and files may be given: by their address too, or as bytes alone, which are fetched before. */
  readonly media: 'urls' | 'bytes';
  /** Of a format that takes bytes: whether this http(s) address is one that the provider can read by itself. */
  readonly readsUrl?: (url: string) => boolean;
  /** Whether tools of this type are the provider's own, beside functions; by default it has none. */
  readonly ownTools?: (type: string) => boolean;
  /** What it understands, for a model, of what only Anthropic's requests say; by default nothing. */
  readonly anthropic?: (model: string) => AnthropicSupport;
  /** The body of the request, to be sent as JSON. */
  encode(request: PreparedRequest): object;
  /** Reads one answer, message by message, and tells `answer` what it holds. */
  read(answer: Answer): AnswerReader;
}
