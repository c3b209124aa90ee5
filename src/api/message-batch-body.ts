import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { JSONParser, TokenType } from '@streamparser/json';
import type { Request } from 'express';
import { z } from 'zod';
import type { Limits } from '../config/config.ts';
import { SluiceError } from '../core/errors.ts';
import { MAX_DEPTH, refuseDepth, tooDeep, validate } from '../surfaces/validate.ts';

/** One request of a batch, as Anthropic's clients write it. */
export const batchedRequest = z.strictObject({
  custom_id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected 1 to 64 letters, digits, "_" and "-"'),
  params: z.looseObject({}),
});

/** The endpoint whose requests the params are. */
export const MESSAGES = '/v1/messages';

/** How many requests a batch of Anthropic's may have, for each line that one of OpenAI's may. */
const MORE_LINES = 2;

/**
 * Turns the body of `POST /v1/messages/batches` into the input of a batch while it arrives: no more than one request of it is
 * in memory.
 */
export class MessageBatchBody {
  readonly #limits: Limits;
  readonly #customIds = new Set<string>();
  #ready: string[] = [];
  readonly #hash = createHash('sha256');
  /** Bytes since the last request was whole. */
  #unfinished = 0;
  /** Lists and objects that have begun and not ended. */
  #depth = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** How many requests there have been. */
  get count(): number {
    return this.#customIds.size;
  }

  /** Of all lines; to be asked once, after the last. */
  get sha256(): string {
    return this.#hash.digest('hex');
  }

  /**
   * The lines of the input.
   *
   * @throws {SluiceError} for the first mistake, which names the request by its index.
   */
  async *lines(request: Request): AsyncGenerator<Buffer> {
    refuseOtherTypes(request);
    const parser = new JSONParser({ paths: ['$.requests.*'], keepStack: false });
    parser.onToken = ({ token }) => this.#nest(token);
    parser.onValue = ({ value, key }) => this.#take(value, key);
    let bytes = 0;
    for await (const chunk of wholeBody(request)) {
      bytes += chunk.length;
      if (bytes > this.#limits.maxBatchBytes) throw tooLarge('The request body', this.#limits.maxBatchBytes);
      this.#unfinished += chunk.length;
      parse(() => parser.write(chunk));
      yield this.#written();
      if (this.#unfinished > this.#limits.maxRequestBytes) {
        throw tooLarge(`requests[${this.count}]`, this.#limits.maxRequestBytes);
      }
    }
    if (!parser.isEnded) parse(() => parser.end());
    if (this.count === 0) {
      const message = "Missing required parameter: 'requests', a list of at least one request.";
      throw new SluiceError('missing_required_parameter', message, { param: 'requests' });
    }
  }

  /** While it comes: a level takes one byte of the client's, and a few hundred of the parser's. */
  #nest(token: TokenType): void {
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) this.#depth += 1;
    if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.#depth -= 1;
    if (this.#depth > MAX_DEPTH) throw tooDeep();
  }

  #take(value: unknown, index: string | number | undefined): void {
    this.#unfinished = 0;
    // Members of an object have names where items of a list have numbers.
    if (typeof index !== 'number') {
      const message = "Invalid type for 'requests': expected a list of requests.";
      throw new SluiceError('invalid_type', message, { param: 'requests' });
    }
    const place = `requests[${index}]`;
    const most = MORE_LINES * this.#limits.maxBatchLines;
    if (this.count >= most) {
      const message = `Invalid 'requests': a batch may have ${most} requests, at most.`;
      throw new SluiceError('array_above_max_length', message, { param: 'requests' });
    }
    refuseDepth({ requests: [value] });
    const checked = validate(z.object({ [place]: batchedRequest }), { [place]: value })[place];
    if (checked === undefined) return;
    if (this.#customIds.has(checked.custom_id)) {
      const message = `Invalid '${place}.custom_id': an earlier request of the batch has it, too.`;
      throw new SluiceError('invalid_value', message, { param: `${place}.custom_id` });
    }
    this.#customIds.add(checked.custom_id);
    const { custom_id, params: body } = checked;
    const line = JSON.stringify({ custom_id, method: 'POST', url: MESSAGES, body });
    if (Buffer.byteLength(line) > this.#limits.maxRequestBytes) {
      throw tooLarge(place, this.#limits.maxRequestBytes);
    }
    this.#ready.push(`${line}\n`);
  }

  #written(): Buffer {
    const text = this.#ready.join('');
    this.#ready = [];
    this.#hash.update(text);
    return Buffer.from(text);
  }
}

/** Who breaks off was not understood, and hears of it no more. */
async function* wholeBody(request: Readable): AsyncGenerator<Buffer> {
  try {
    yield* request as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new SluiceError('invalid_json', 'The request body was broken off.', { cause });
  }
}

/** What the parser complains of is the client's JSON; it would quote it. */
function parse(step: () => void): void {
  try {
    step();
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    throw new SluiceError('invalid_json', 'The request body is not valid JSON.', { cause: error });
  }
}

function refuseOtherTypes(request: Request): void {
  const encoding = request.get('Content-Encoding') ?? 'identity';
  if (request.is('application/json') && encoding === 'identity') return;
  throw new SluiceError(
    'unsupported_media_type',
    'Send the request body as JSON, uncompressed, with the header Content-Type: application/json.',
  );
}

function tooLarge(what: string, most: number): SluiceError {
  return new SluiceError('request_too_large', `${what} is larger than the limit of ${most} bytes.`);
}
