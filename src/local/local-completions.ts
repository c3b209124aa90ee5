import { type Completions, createCompletions } from '../client/completion/create-completions.ts';
import { APIError, errorOfFailure } from '../client/errors.ts';
import { ConfigError } from '../config/problems.ts';
import { SluiceError } from '../core/errors.ts';
import { readCall } from './local-call.ts';
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
  return createCompletions((body, options) => {
    const accepted = open()
      .then((parts) => readCall(parts, body, options))
      .catch((error: unknown) => {
        throw toClientError(error);
      });
    return new LocalRun(accepted, options);
  });
}

function toClientError(error: unknown): unknown {
  if (error instanceof SluiceError) return errorOfFailure(error);
  if (!(error instanceof ConfigError)) return error;
  return new APIError(error.message, { code: 'invalid_configuration', cause: error });
}
