import type { HINT_FIELDS, RequestField } from '../../request/fields.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import type { ChatReading } from './reader.ts';

/** How a vendor's dialect of OpenAI's chat completions differs from it. */
export interface ChatDialect extends ChatReading {
  /** For people; by default `OpenAI chat completions`. */
  readonly name?: string;
  /** Fields that the vendor refuses, or silently ignores though they change the answer. */
  readonly unsupported?: readonly RequestField[];
  /** Values that the vendor refuses though it has the field, and fields that some of its models refuse. */
  readonly limits?: readonly ChatLimit[];
  /** Which hints it has a place for; by default all. */
  readonly hints?: readonly (typeof HINT_FIELDS)[number][];
  /** Its own names of fields: `{seed: 'random_seed'}`. */
  readonly rename?: Readonly<Record<string, string>>;
  /** False where the vendor refuses `stream_options` and sends usage unasked. */
  readonly streamOptions?: boolean;
  /**
   * True for those that do not follow OpenAI in all its ways of saying a thing: for them role `developer` becomes
   * `system`, `functions` becomes `tools`, `allowed_tools` the tools that it allows, text in parts one text; and
   * messages lose their nulls.
   */
  readonly plain?: boolean;
  /** True for those that take Anthropic's `cache_control`; from its clients' requests it is left out for others. */
  readonly caches?: boolean;
  /** What of an answer the vendor wants back in the next turn, beside what OpenAI has: `reasoning_content`. */
  readonly echoes?: readonly string[];
  /** What it wants back only of turns, from one user message to the next, in which tools were called. */
  readonly toolTurnEchoes?: readonly string[];
  /** The last touch to a body, for what no table can say. May change what it is given. */
  readonly adjust?: (body: Record<string, unknown>, request: PreparedRequest) => void;
}

/** A refusal of a field's value; see `PreparedRequest.refuse`. */
export interface ChatLimit {
  readonly field: RequestField;
  /** Which models refuse it; by default all. */
  readonly models?: RegExp;
  /** Which values it refuses; by default all. */
  readonly refuses?: (value: unknown) => boolean;
  /** The rest of a sentence: `takes a temperature of at most 1`. */
  readonly why: string;
}
