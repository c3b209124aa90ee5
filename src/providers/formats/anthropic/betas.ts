import type { CompletionRequest } from '../../../core/completion.ts';
import { SluiceError } from '../../../core/errors.ts';
import { type Fields, fieldsOf, isFields, textIn } from '../../../core/json.ts';
import type { ProviderCall } from '../../provider-call.ts';
import { mergeParams } from '../../request/merge-params.ts';

const HEADER = 'anthropic-beta';

/** What a request with a file that was uploaded before needs. */
const FILES_BETA = 'files-api-2025-04-14';

/** The beta features that a request's own fields `betas` and `anthropic_beta` name, as lists or as text. */
export function namedBetas({ betas, anthropic_beta }: Fields): string[] {
  return [betas, anthropic_beta].flatMap((named) => {
    const names: unknown[] = Array.isArray(named) ? named : typeof named === 'string' ? named.split(',') : [];
    return names.map((name) => textIn(name).trim()).filter((name) => name !== '');
  });
}

/**
 * Gathers a call's beta features into one header: those of the request, of the deployment's own
 * `extra_headers`, and `more`. `call` is then without its own, which would take the place of the others.
 */
export function withBetas(
  request: CompletionRequest,
  call: ProviderCall,
  more: readonly string[] = [],
): { call: ProviderCall; headers: Readonly<Record<string, string>> } {
  const { [HEADER]: own, ...extraHeaders } = call.deployment.extraHeaders;
  const { anthropic, ...others } = mergeParams(request, call.deployment);
  const named = [...namedBetas(others), ...namedBetas(fieldsOf(anthropic))];
  if (!named.every((name) => /^[\x21-\x7e]+$/.test(name))) {
    const message = "'anthropic_beta' must name beta features, in visible ASCII characters.";
    throw new SluiceError('invalid_value', message, { param: 'anthropic_beta' });
  }
  const needed = namesUploadedFile(request) ? [FILES_BETA] : [];
  const betas = [...new Set([...namedBetas({ betas: own }), ...named, ...needed, ...more])];
  return {
    call: { ...call, deployment: { ...call.deployment, extraHeaders } },
    headers: betas.length === 0 ? {} : { [HEADER]: betas.join(',') },
  };
}

function namesUploadedFile({ messages }: CompletionRequest): boolean {
  return messages.some(({ content }) => {
    if (!Array.isArray(content)) return false;
    return content.some(({ file }) => isFields(file) && /^file_/.test(String(file.file_id)));
  });
}
