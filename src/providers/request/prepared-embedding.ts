import { type EmbeddingInput, type EmbeddingRequest, inputsOf } from '../../core/embedding.ts';
import { SluiceError } from '../../core/errors.ts';
import type { Fields } from '../../core/json.ts';
import type { ProviderCall } from '../provider-call.ts';
import { mergeParams } from './merge-params.ts';

/** What a format cannot carry; by default it carries everything that OpenAI has. */
export interface EmbeddingLimits {
  /** False where the length of vectors is the model's alone. */
  readonly dimensions?: boolean;
  /** False where inputs must be texts. */
  readonly tokens?: boolean;
  /** Inputs of one request. */
  readonly maxInputs?: number;
}

/** Fields that are for Sluice, or that formats write under names of their own. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'input',
  'dimensions',
  'user',
  'encoding_format',
  'drop_params',
  'mock_response',
]);

/** A client's request for embeddings as a format gets it: with the deployment's own parameters filled in. */
export class PreparedEmbedding {
  /** The model to ask upstream for. */
  readonly model: string;
  readonly inputs: readonly EmbeddingInput[];
  /** Null where the model decides. */
  readonly dimensions: number | null;
  readonly user: string | null;
  /** What OpenAI does not have: it is meant for this provider, which gets it as it is. */
  readonly extras: Fields;

  /**
   * @throws {SluiceError} `unsupported_parameter` or `unsupported_value` naming what the format cannot carry.
   */
  constructor(
    request: EmbeddingRequest,
    { deployment, model }: Pick<ProviderCall, 'deployment' | 'model'>,
    limits: EmbeddingLimits,
  ) {
    const { provider } = deployment;
    const merged = mergeParams(request, deployment);
    const { dimensions, user } = merged;
    this.model = model;
    this.inputs = inputsOf(request);
    const wanted = typeof dimensions === 'number' ? dimensions : null;
    const dropping = request.drop_params ?? deployment.dropParams;
    if (wanted !== null && limits.dimensions === false && !dropping) {
      const message = `${provider} (model ${model}) does not support 'dimensions': leave it out, or set drop_params to have it dropped.`;
      throw new SluiceError('unsupported_parameter', message, { param: 'dimensions' });
    }
    this.dimensions = limits.dimensions === false ? null : wanted;
    this.user = typeof user === 'string' ? user : null;
    this.extras = Object.fromEntries(
      Object.entries(merged).filter(([name, value]) => !OWN_FIELDS.has(name) && value != null),
    );
    this.#checkInputs(provider, limits);
  }

  /** The inputs, of a format that takes texts alone. */
  get texts(): readonly string[] {
    return this.inputs.filter((input) => typeof input === 'string');
  }

  #checkInputs(provider: string, { tokens, maxInputs = Number.POSITIVE_INFINITY }: EmbeddingLimits): void {
    const { length } = this.inputs;
    if (tokens === false && this.texts.length < length) {
      throw unsupported(`${provider} does not take tokens: send texts.`);
    }
    if (length > maxInputs) {
      throw unsupported(
        `${provider} takes at most ${maxInputs} inputs in a request, not ${length}: send several.`,
      );
    }
  }
}

function unsupported(message: string): SluiceError {
  return new SluiceError('unsupported_value', message, { param: 'input' });
}
