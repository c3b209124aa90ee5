import type { PreparedRequest } from '../../request/prepared-request.ts';
import { writePrompt } from '../../request/prompt.ts';
import type { Format } from '../format.ts';
import { ReplicateReader } from './reader.ts';

/** What a family of models calls its inputs; every model on Replicate has a schema of its own. */
interface InputNames {
  readonly models: RegExp;
  /** Null: it has no place for system messages, which then stand in the prompt. */
  readonly system: string | null;
  readonly maxTokens: string;
}

const FAMILIES: readonly InputNames[] = [
  { models: /^openai\//, system: 'system_prompt', maxTokens: 'max_completion_tokens' },
  { models: /^google\//, system: 'system_instruction', maxTokens: 'max_output_tokens' },
  { models: /^meta\/(llama-2|codellama)/, system: 'system_prompt', maxTokens: 'max_new_tokens' },
  { models: /^(meta|anthropic|ibm-granite|snowflake)\//, system: 'system_prompt', maxTokens: 'max_tokens' },
];
const OTHERS: InputNames = { models: /^/, system: null, maxTokens: 'max_tokens' };

/** Replicate's predictions: a model's inputs go out, plain text comes back. */
export const replicatePrediction: Format = {
  name: 'Replicate predictions',
  supports: new Set(['temperature', 'top_p', 'max_tokens', 'stop', 'seed']),
  media: 'urls',
  encode,
  read: (answer) => new ReplicateReader(answer),
};

function encode(request: PreparedRequest): object {
  const [model = '', version = model.includes('/') ? undefined : model] = request.model.split(':');
  const family = FAMILIES.find(({ models }) => models.test(model)) ?? OTHERS;
  const apart = request.extras.supports_system_prompt === true;
  const systemName = family.system ?? (apart ? 'system_prompt' : null);
  const { text, system, extras } = writePrompt(request, { systemApart: systemName !== null });
  const { supports_system_prompt: _, ...inputs } = extras;
  const { temperature, top_p, seed } = request.fields;
  const { maxTokens } = request;
  const stop = stopOf(request);
  return {
    ...(version && { version }),
    input: {
      prompt: text,
      ...(systemName !== null && system !== '' && { [systemName]: system }),
      ...(maxTokens !== null && { [family.maxTokens]: maxTokens }),
      ...(temperature !== undefined && { temperature }),
      ...(top_p !== undefined && { top_p }),
      ...(stop.length > 0 && { stop_sequences: stop.join(',') }),
      ...(seed !== undefined && { seed }),
      ...inputs,
    },
    stream: true,
  };
}

function stopOf({ stop, refuse }: PreparedRequest): readonly string[] {
  if (!stop.some((sequence) => sequence.includes(','))) return stop;
  refuse('stop', 'its models take stop sequences parted by commas, so none may have one');
  return stop.filter((sequence) => !sequence.includes(','));
}
