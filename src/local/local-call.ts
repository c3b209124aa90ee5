import { z } from 'zod';
import type { CompletionOptions } from '../client/completion/completion-options.ts';
import type { RequestBody } from '../client/completion/run.ts';
import { API_BASE_RULE, CREDENTIAL_RULE, isApiBase, isCredential } from '../config/schema.ts';
import type { CompletionRequest } from '../core/completion.ts';
import { SluiceError } from '../core/errors.ts';
import type { CompletionIdentity } from '../core/fold.ts';
import { identityOf } from '../core/job.ts';
import { newJobId } from '../core/job-id.ts';
import { timeoutSchema } from '../intake/timeout.ts';
import { chatSurface } from '../surfaces/chat/surface.ts';
import { refuseDepth, validate } from '../surfaces/validate.ts';
import { type Destination, destinationOf } from './destination.ts';
import type { LocalParts } from './local-parts.ts';

/** A call that can be made. */
export interface LocalCall {
  readonly parts: LocalParts;
  readonly request: CompletionRequest;
  readonly identity: CompletionIdentity;
  /** Seconds. */
  readonly timeout: number;
  readonly destination: Destination;
}

type Options = Pick<CompletionOptions, 'timeout' | 'apiKey' | 'baseURL'>;

/**
 * Checks a call as a server does. `sent`: its request, by {@link asSent}.
 *
 * @throws {SluiceError} naming the mistake.
 */
export function readCall(parts: LocalParts, sent: unknown, options: Options): LocalCall {
  const { timeout } = validate(optionsSchema(parts), { timeout: options.timeout });
  checkConnection(options);
  const request = validate(chatSurface.schema, sent);
  // It refuses what the schema cannot tell is wrong.
  chatSurface.parse(request, null);
  const { model } = request;
  return {
    parts,
    request,
    identity: identityOf({ id: newJobId(), createdAt: Date.now(), model }),
    timeout: timeout ?? parts.config.limits.jobTimeout,
    destination: destinationOf(parts, model, options),
  };
}

function optionsSchema({ config }: LocalParts) {
  return z.object({ timeout: timeoutSchema(config.limits.jobTimeout).nullish() });
}

function checkConnection({ apiKey, baseURL }: Options): void {
  if (typeof apiKey === 'string' && !isCredential(apiKey)) {
    throw new SluiceError('invalid_value', `Invalid 'apiKey': it ${CREDENTIAL_RULE}.`, { param: 'apiKey' });
  }
  if (baseURL !== undefined && !isApiBase(baseURL)) {
    throw new SluiceError('invalid_value', `Invalid 'baseURL': it ${API_BASE_RULE}.`, { param: 'baseURL' });
  }
}

/**
 * The request as a server would get it: a copy, without what JSON has no word for.
 *
 * @throws {SluiceError} for what cannot be sent.
 */
export function asSent(body: RequestBody): unknown {
  let sent: unknown;
  try {
    sent = JSON.parse(JSON.stringify(body));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('invalid_json', `The request cannot be written as JSON: ${reason}`, { cause });
  }
  refuseDepth(sent);
  return sent;
}
