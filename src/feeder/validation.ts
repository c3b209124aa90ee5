import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type InputLine, readLines } from '../batches/input.ts';
import { Turns } from '../batches/turns.ts';
import type { Limits } from '../config/config.ts';
import type { Batch, InputError } from '../core/batch.ts';
import { MOST_LINES } from '../core/batch-id.ts';
import { SluiceError } from '../core/errors.ts';
import { requireGroup } from '../routing/require-group.ts';
import type { Router } from '../routing/router.ts';
import { isMistake, type LineRequest, readLine } from './line.ts';

/** Mistakes that are told, at most. */
const MOST_ERRORS = 100;
/** Lines read before others get a turn of the event loop. */
const TURN = 50;

/** What a valid input is. */
export interface ValidInput {
  readonly total: number;
  /** The one that all lines ask for; null where they differ. */
  readonly model: string | null;
  /** By line: the first line with the same body, which is to be computed for both. Empty unless asked for. */
  readonly leaders: ReadonlyMap<number, number>;
}

/** Reads a batch's input to its end, and finds what is wrong with it: the form of every line, not yet the requests in them. */
export async function validateInput(
  batch: Pick<Batch, 'kind' | 'endpoint' | 'dedupe'>,
  input: Readable,
  router: Router,
  limits: Limits,
): Promise<ValidInput | readonly InputError[]> {
  const validation = new Validation(batch, router, limits);
  let bytes = 0;
  const turns = new Turns(TURN);
  for await (const line of readLines(input, { line: 0, offset: 0 }, limits.maxRequestBytes)) {
    bytes = line.offset + line.length;
    if (bytes > limits.maxBatchBytes) {
      const message = `The input is larger than the limit of ${limits.maxBatchBytes} bytes.`;
      return [{ code: 'file_too_large', message, param: null, line: null }];
    }
    if (!validation.look(line)) break;
    const turn = turns.step();
    if (turn) await turn;
  }
  return validation.end();
}

class Validation {
  readonly #batch: Pick<Batch, 'kind' | 'endpoint' | 'dedupe'>;
  readonly #router: Router;
  readonly #mostLines: number;
  readonly #errors: InputError[] = [];
  #untold = 0;
  readonly #customIds = new Map<string, number>();
  readonly #models = new Set<string>();
  readonly #bodies = new Map<string, number>();
  readonly #leaders = new Map<number, number>();
  #total = 0;

  constructor(batch: Pick<Batch, 'kind' | 'endpoint' | 'dedupe'>, router: Router, limits: Limits) {
    this.#batch = batch;
    this.#router = router;
    this.#mostLines = batch.kind === 'anthropic' ? 2 * limits.maxBatchLines : limits.maxBatchLines;
  }

  /** False: there is no use in reading on. */
  look(line: InputLine): boolean {
    this.#total += 1;
    if (this.#total > this.#mostLines || line.line > MOST_LINES) {
      this.#complain(line.line, {
        code: 'too_many_tasks',
        message: `The input has more than ${this.#mostLines} lines.`,
        param: null,
      });
      return false;
    }
    const read = readLine(line, this.#batch);
    if (isMistake(read)) this.#complain(line.line, read);
    else this.#hold(line.line, read);
    return true;
  }

  end(): ValidInput | readonly InputError[] {
    if (this.#total === 0) {
      return [{ code: 'empty_file', message: 'The input has no lines.', param: null, line: null }];
    }
    if (this.#untold > 0) {
      const message = `${this.#untold} more lines have mistakes.`;
      this.#errors.push({ code: 'more_errors', message, param: null, line: null });
    }
    if (this.#errors.length > 0) return this.#errors;
    const [model = null] = this.#models.size === 1 ? this.#models : [];
    return { total: this.#total, model, leaders: this.#leaders };
  }

  /** Holds a line against those before it. */
  #hold(line: number, { customId, body }: LineRequest): void {
    const earlier = this.#customIds.get(customId);
    if (earlier !== undefined) {
      const message = `The 'custom_id' of this line is that of line ${earlier}, too.`;
      this.#complain(line, { code: 'duplicate_custom_id', message, param: 'custom_id' });
      return;
    }
    this.#customIds.set(customId, line);
    // Anthropic's batches may mix models, and tell what is wrong with one in that line's own result.
    if (this.#batch.kind === 'openai' && !this.#knowsModel(line, body.model)) return;
    if (typeof body.model === 'string') this.#models.add(body.model);
    if (this.#batch.dedupe) this.#compare(line, JSON.stringify(body));
  }

  #knowsModel(line: number, model: unknown): boolean {
    if (typeof model !== 'string') {
      const message = "The 'body' of this line must name a 'model'.";
      this.#complain(line, { code: 'missing_model', message, param: 'body.model' });
      return false;
    }
    const [first] = this.#models;
    if (first === model) return true;
    if (first !== undefined) {
      const message = `All lines must ask for one model: this one is for '${model.slice(0, 64)}', the first for '${first.slice(0, 64)}'.`;
      this.#complain(line, { code: 'model_mismatch', message, param: 'body.model' });
      return false;
    }
    try {
      requireGroup(this.#router, model, 'body.model');
      return true;
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      this.#models.add(model);
      this.#complain(line, error.body);
      return false;
    }
  }

  #compare(line: number, body: string): void {
    const hash = createHash('sha256').update(body).digest('base64');
    const leader = this.#bodies.get(hash);
    if (leader === undefined) this.#bodies.set(hash, line);
    else this.#leaders.set(line, leader);
  }

  #complain(line: number, { code, message, param }: Omit<InputError, 'line'>): void {
    if (this.#errors.length < MOST_ERRORS) this.#errors.push({ code, message, param, line });
    else this.#untold += 1;
  }
}
