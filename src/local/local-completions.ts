import type { CompletionOptions } from '../client/completion/completion-options.ts';
import { type Completions, createCompletions } from '../client/completion/create-completions.ts';
import type { RequestBody } from '../client/completion/run.ts';
import { errorOfFailure } from '../client/error-of.ts';
import { APIError } from '../client/errors.ts';
import { ConfigError } from '../config/problems.ts';
import { SluiceError } from '../core/errors.ts';
import { asSent, type LocalCall, readCall } from './local-call.ts';
import { type LocalParts, openLocalParts } from './local-parts.ts';
import { LocalRun } from './local-run.ts';

/** LiteLLM's two functions, over providers that this process calls itself. The configuration is read at the first call. */
export function createLocalCompletions(environment: NodeJS.ProcessEnv): Completions {
  let opened: Promise<LocalParts> | null = null;
  const open = (): Promise<LocalParts> => {
    opened ??= openLocalParts(environment).catch((error: unknown) => {
      // What was wrong may be right by the next call.
      opened = null;
      throw error;
    });
    return opened;
  };
  const accept = async (body: RequestBody, options: CompletionOptions): Promise<LocalCall> => {
    try {
      // Before anything is waited for: what the caller does with it afterwards is another request.
      const sent = asSent(body);
      return readCall(await open(), sent, options);
    } catch (error) {
      throw toClientError(error);
    }
  };
  return createCompletions((body, options) => new LocalRun(accept(body, options), options));
}

function toClientError(error: unknown): unknown {
  if (error instanceof SluiceError) return errorOfFailure(error);
  if (!(error instanceof ConfigError)) return error;
  return new APIError(error.message, { code: 'invalid_configuration', cause: error });
}
