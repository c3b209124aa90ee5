import type { z } from 'zod';
import type { ErrorCode } from '../../core/errors.ts';

/** The headings under which the endpoints are shown, in this order, each with what it is about. */
export const GROUPS = {
  Completions: 'Ask a model, in the format of a client that exists. Every request becomes a job.',
  Jobs: 'Submit without waiting; follow, poll, cancel and delete. A job outlives connections and processes.',
  Files: 'Bytes by name, sent whole or in parts, kept until they are deleted or expire.',
  Batches: 'Thousands of requests as one submission, for any provider.',
  Webhooks: 'Who is told of what has ended: signed, until it has been received.',
  Models: 'What can be asked for.',
  Operation: 'For those who run Sluice.',
} as const;

/** One method of one path: all there is to say about it, once. The router's answers for it are in `routes/`. */
export interface Endpoint {
  /** A path that answers GET also answers HEAD. */
  readonly method: 'get' | 'post' | 'delete';
  /** As OpenAPI writes it: `/v1/jobs/{id}`. */
  readonly path: string;
  /** The name of a path parameter that may have slashes in it. */
  readonly slashes?: string;
  /** What generated clients call it; unique. */
  readonly name: string;
  readonly group: keyof typeof GROUPS;
  readonly summary: string;
  /** Markdown. */
  readonly description?: string;
  /** It answers without a key. */
  readonly open?: boolean;
  readonly takes?: Takes;
  /** By status: what it answers when all is well. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** What it may refuse with, besides what every endpoint of its kind may; see `errors.ts`. */
  readonly errors?: readonly ErrorCode[];
}

/** What of a request an endpoint reads. */
export interface Takes {
  readonly path?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  /** A JSON body; it is always required. */
  readonly body?: z.ZodType;
  /** The body is read as a stream, by the route itself: it may be larger than what fits into memory. */
  readonly streamed?: boolean;
  /** A body of `multipart/form-data`; it is always required. `api/form.ts` reads it, as a stream. */
  readonly form?: FormBody;
  /** Bodies that work with the scripted provider, by a short title. The first is shown as a curl command. */
  readonly examples?: Readonly<Record<string, object>>;
}

/** A form with one file. */
export interface FormBody {
  /** The name of the file's part. */
  readonly file: string;
  /** The other parts. A member of an object is a part of its own: `expires_after[seconds]`. */
  readonly fields: z.ZodObject;
  /** For the curl command: `purpose=batch`, by the names of parts. */
  readonly example: Readonly<Record<string, string>>;
}

/** An answer, in each form that it may have. Without any it has no body. */
export interface Answer {
  readonly description: string;
  readonly headers?: z.ZodObject;
  readonly json?: z.ZodType;
  /** A stream of server-sent events: what they look like. */
  readonly events?: string;
  /** Another content type: an example of it. */
  readonly other?: { readonly type: string; readonly example: string };
}
