import { type Fields, fieldsOf, textIn } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';
import { errorFromPayload } from '../../errors/upstream-error.ts';
import { usageOf } from '../bedrock-converse/usage.ts';
import type { Format } from '../format.ts';

const METRICS = 'amazon-bedrock-invocationMetrics';
const ACTION = 'amazon-bedrock-guardrailAction';
const TRACE = 'amazon-bedrock-trace';

/** How a model's own answer is read within Bedrock's. */
export interface ChunkOptions {
  /** True where the model tells no usage itself: Bedrock's own count is it. */
  readonly counted?: boolean;
}

/**
 * A model's own format as InvokeModelWithResponseStream carries it: each message of the answer as base64 in a
 * frame. `name` is for people.
 */
export function inChunks(format: Format, name: string, options: ChunkOptions = {}): Format {
  return { ...format, name, read: (answer) => new ChunkReader(answer, format.read(answer), options) };
}

class ChunkReader implements AnswerReader {
  readonly #answer: Answer;
  readonly #inner: AnswerReader;
  readonly #options: ChunkOptions;

  constructor(answer: Answer, inner: AnswerReader, options: ChunkOptions) {
    this.#answer = answer;
    this.#inner = inner;
    this.#options = options;
  }

  get complete(): boolean {
    return this.#inner.complete === true;
  }

  onMessage({ bytes }: Fields): void {
    if (typeof bytes !== 'string') return;
    this.#read(fieldsOf(JSON.parse(Buffer.from(bytes, 'base64').toString('utf8'))), false);
  }

  onWhole(payload: Fields): void {
    this.#read(payload, true);
  }

  onEnd(terminated: boolean): void {
    this.#inner.onEnd?.(terminated);
  }

  #read(payload: Fields, whole: boolean): void {
    if (payload.error) {
      this.#answer.fail(errorFromPayload(this.#answer.provider, payload));
      return;
    }
    this.#readGuardrail(payload);
    if (whole && this.#inner.onWhole) this.#inner.onWhole(payload);
    else this.#inner.onMessage(payload, textIn(payload.type) || null);
    const counted = this.#options.counted ? usageOf(fieldsOf(payload[METRICS])) : null;
    if (counted !== null) this.#answer.usage(counted);
  }

  #readGuardrail(payload: Fields): void {
    if (payload[ACTION] !== 'INTERVENED' || this.#answer.isFinished(0)) return;
    const trace = payload[TRACE] !== undefined && { [TRACE]: payload[TRACE] };
    this.#answer.providerSpecific(0, { [ACTION]: payload[ACTION], ...trace });
  }
}
