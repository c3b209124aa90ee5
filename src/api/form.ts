import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import type { Request } from 'express';
import { z } from 'zod';
import { SluiceError } from '../core/errors.ts';
import type { Fields } from '../core/json.ts';
import type { FormBody } from './endpoints/endpoint.ts';

/** Bytes that a form has beside its file. */
const SLACK = 64 * 1024;
/** Bytes of a field, and of the headers of a part. */
const LONGEST_FIELD = 4096;
/** Ms without a byte after which a client is given up. */
const STALL = 120_000;

/** The file of a form, while it comes. */
export interface FormFile {
  /** Without folders. Absent if the part has none. */
  readonly filename: string | undefined;
  readonly content: AsyncIterable<Uint8Array>;
  /** What of the other parts has come before the file. */
  readonly fieldsSoFar: Fields;
}

/**
 * Reads a form with one file, which is handed to `take` as it comes and never held. Parts may come in any order.
 *
 * @param most bytes that the file may have at most; a longer form is refused before it is read
 * @returns the other parts, unchecked, as the form's schema wants them, once `take` has resolved and all has been read
 * @throws {SluiceError} for what is no such form, or ends before its end; `take` has rejected by then, if it was called
 */
export async function readForm(
  request: Request,
  form: FormBody,
  most: number,
  take: (file: FormFile) => Promise<void>,
): Promise<Fields> {
  refuseLongForm(request, most);
  const reading = new FormReading(form, take);
  const parser = openParser(request);
  const end = Promise.withResolvers<void>();
  const fail = (error: unknown): void => {
    // What is still to come is let go by, or the client would not read the answer.
    request.unpipe(parser);
    request.resume();
    reading.abort(error);
    end.reject(error);
  };
  const gone = (): void => {
    if (!request.complete) fail(refuse('The request ended before the form did.'));
  };
  // A part without a name has none, whatever the types say.
  parser.on('field', (name = '', value, _nameCut, cut) => {
    if (cut) fail(refuse(`'${name.slice(0, 80)}' is longer than ${LONGEST_FIELD} bytes.`, name));
    else reading.field(name, value, fail);
  });
  parser.on('file', (name = '', content, filename) => reading.file(name, content, filename, fail));
  parser.on('error', () => fail(refuse('The form ends before its last boundary, or is damaged.')));
  parser.on('finish', () => end.resolve());
  request.on('error', gone).on('close', gone);
  request.setTimeout(STALL, () => request.destroy());
  try {
    request.pipe(parser);
    await end.promise;
    return await reading.whole();
  } catch (error) {
    await reading.settled();
    throw error;
  } finally {
    request.off('close', gone);
    request.setTimeout(0);
  }
}

/** What has come of a form. */
class FormReading {
  readonly #form: FormBody;
  readonly #take: (file: FormFile) => Promise<void>;
  readonly #names: readonly string[];
  readonly #given = new Map<string, string>();
  #content: BusboyFileStream | null = null;
  #taking: Promise<void> | null = null;
  #failed = false;

  constructor(form: FormBody, take: (file: FormFile) => Promise<void>) {
    this.#form = form;
    this.#take = take;
    this.#names = namesOf(form.fields);
  }

  field(name: string, value: string, fail: (error: unknown) => void): void {
    if (name === this.#form.file) fail(refuse(`'${name}' must be a file: a part with a filename.`, name));
    else if (!this.#names.includes(name)) fail(this.#unknown(name));
    else if (this.#given.has(name)) fail(refuse(`'${name}' was given twice.`, name));
    else this.#given.set(name, value);
  }

  file(
    name: string,
    content: BusboyFileStream,
    filename: string | undefined,
    fail: (error: unknown) => void,
  ): void {
    // Who iterates over it hears of errors; before and after that nobody does.
    content.on('error', () => {});
    // The parser goes on with what it has got already.
    if (this.#failed) content.resume();
    else if (name !== this.#form.file) fail(this.#unknown(name));
    else if (this.#taking !== null) fail(refuse('There must be one file, and no more.', name));
    else {
      this.#content = content;
      this.#taking = this.#take({ filename, content, fieldsSoFar: this.#fields() });
      this.#taking.catch(fail);
    }
  }

  /** Ends the file that is being taken. */
  abort(error: unknown): void {
    this.#failed = true;
    this.#content?.destroy(error instanceof Error ? error : undefined);
  }

  /** The fields, once the file has been taken. */
  async whole(): Promise<Fields> {
    if (this.#taking === null) {
      const { file } = this.#form;
      throw new SluiceError('missing_required_parameter', `Missing required parameter: '${file}'.`, {
        param: file,
      });
    }
    await this.#taking;
    return this.#fields();
  }

  async settled(): Promise<void> {
    await this.#taking?.catch(() => {});
  }

  /** As the schema wants them: `a[b]` within `a`, digits as a number where they stand for one. */
  #fields(): Fields {
    const fields: Record<string, unknown> = {};
    for (const [name, text] of this.#given) {
      const [, outer = '', inner] = /^(\w+)(?:\[(\w+)\])?$/.exec(name) ?? [];
      if (inner === undefined) fields[outer] = text;
      else
        fields[outer] = { ...Object(fields[outer]), [inner]: /^\d{1,15}$/.test(text) ? Number(text) : text };
    }
    return fields;
  }

  #unknown(name: string): SluiceError {
    const shown = name.slice(0, 80);
    const known = [this.#form.file, ...this.#names].join(', ');
    return new SluiceError('unknown_parameter', `Unknown parameter: '${shown}'. Known here: ${known}.`, {
      param: shown,
    });
  }
}

/** The names that parts may have: `purpose`, `expires_after[seconds]`. */
function namesOf(fields: z.ZodObject): string[] {
  return Object.entries(fields.shape).flatMap(([name, schema]) => {
    const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    return inner instanceof z.ZodObject ? Object.keys(inner.shape).map((key) => `${name}[${key}]`) : [name];
  });
}

function openParser(request: Request): BusboyInstance {
  const { 'content-type': type = '' } = request.headers;
  if (request.is('multipart/form-data') === false || !/;\s*boundary=/i.test(type)) {
    throw new SluiceError(
      'unsupported_media_type',
      'Send the request body as a form, with the header Content-Type: multipart/form-data; boundary=….',
    );
  }
  try {
    return new Busboy({
      headers: { ...request.headers, 'content-type': type },
      limits: { fieldSize: LONGEST_FIELD, headerSize: LONGEST_FIELD, headerPairs: 50 },
    });
  } catch {
    throw refuse('The header Content-Type names no boundary of a form.');
  }
}

function refuseLongForm(request: Request, most: number): void {
  if (Number(request.get('content-length') ?? 0) > most + SLACK) throw tooLarge(most);
}

/** Content that fails once it is longer than `most` bytes. */
export async function* upTo(content: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.byteLength;
    if (bytes > most) throw tooLarge(most);
    yield chunk;
  }
}

/** The error of a file that is longer than `most` bytes. */
export function tooLarge(most: number): SluiceError {
  return new SluiceError('request_too_large', `The file is larger than the limit of ${most} bytes.`);
}

function refuse(message: string, param?: string): SluiceError {
  return new SluiceError('invalid_value', message, param === undefined ? {} : { param: param.slice(0, 80) });
}
