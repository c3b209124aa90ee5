import type { Deployment } from '../../config/config.ts';
import type { ProviderSetting } from '../../config/provider-info.ts';
import { SluiceError } from '../../core/errors.ts';
import { bearerEndpoint } from '../endpoint.ts';
import type { ChatDialect } from '../formats/openai-chat/dialect.ts';
import { chatFormat } from '../formats/openai-chat/format.ts';
import { type EmbeddingDialect, openAiEmbeddings } from '../formats/openai-embeddings/format.ts';
import type { ProviderModule } from '../provider.ts';
import type { ProviderCall } from '../provider-call.ts';
import type { Destination } from '../upstream.ts';

/** A vendor whose API is OpenAI's chat completions, as data. */
export interface Preset {
  /** LiteLLM's name. */
  readonly name: string;
  readonly title: string;
  /**
   * Its address, to which `/chat/completions` is added; `{name}` stands for a setting of that name. Null where
   * every customer has an address of their own.
   */
  readonly apiBase: string | null;
  /** Empty: it needs none. */
  readonly keyVariables: readonly string[];
  readonly baseVariables?: readonly string[];
  readonly keyOptional?: boolean;
  readonly settings?: readonly ProviderSetting[];
  readonly docs: string;
  readonly dialect?: ChatDialect;
  /** Its dialect of OpenAI's `/embeddings`; absent where it has no such endpoint. */
  readonly embeddings?: EmbeddingDialect;
  /** The vendor's name of a model, where people write it otherwise. */
  readonly modelName?: (model: string) => string;
  /** What of the key is sent. */
  readonly keyOf?: (key: string) => string;
  /** What is peculiar to it and taken care of, a sentence each. */
  readonly notes?: readonly string[];
}

/** What holds for vendors unless their dialect says otherwise: they know an older OpenAI, and only its `user`. */
const VENDOR: ChatDialect = { plain: true, hints: ['user'] };

const PLACE = /\{(\w+)\}/g;

/** A vendor as a provider. */
export function presetModule(preset: Preset): ProviderModule {
  const format = chatFormat({ ...VENDOR, ...preset.dialect });
  const { name, title, apiBase, keyVariables, settings = [], notes = [] } = preset;
  const built = apiBase?.includes('{') === true;
  const embeddings = preset.embeddings && openAiEmbeddings(preset.embeddings);
  const { modelName = (model) => model } = preset;
  return {
    info: {
      name,
      title,
      keyVariables,
      keyOptional: preset.keyOptional ?? keyVariables.length === 0,
      baseVariables: preset.baseVariables ?? [],
      apiBase: built ? null : apiBase,
      needsBase: apiBase === null,
      settings,
    },
    about: {
      formats: [format],
      ...(embeddings && { embeddings }),
      docs: preset.docs,
      notes: [
        ...(built ? [`Without an \`api_base\`, calls go to \`${apiBase}\`.`] : []),
        ...limitNotes(preset.dialect),
        ...notes,
      ],
    },
    create: (upstream) => (request, call) =>
      upstream.stream(format, request, { ...call, model: modelName(call.model) }, () =>
        destination(preset, call, '/chat/completions'),
      ),
    ...(embeddings && {
      createEmbed: (upstream) => (request, call) =>
        upstream.embed(embeddings, request, { ...call, model: modelName(call.model) }, () =>
          destination(preset, call, '/embeddings'),
        ),
    }),
  };
}

function destination(preset: Preset, { deployment }: ProviderCall, path: string): Destination {
  const { keyOf = (key) => key } = preset;
  const { apiKey } = deployment;
  const sending = { ...deployment, apiKey: apiKey === null ? null : keyOf(apiKey) };
  return bearerEndpoint(sending, addressOf(preset, deployment), path);
}

function limitNotes({ limits = [] }: ChatDialect = {}): string[] {
  const always = limits.filter(({ models }) => models === undefined).map(({ why }) => why);
  return always.length === 0 ? [] : [`Some values are refused: ${always.join('; ')}.`];
}

/**
 * The vendor's own address for a deployment.
 *
 * @throws {SluiceError} `upstream_unreachable` where a setting in it is missing, and there is no `api_base` either.
 */
function addressOf({ apiBase, title }: Preset, { settings, id, apiBase: own }: Deployment): string | null {
  if (own !== null || apiBase === null) return null;
  return apiBase.replace(PLACE, (_, setting: string) => {
    const value = settings[setting];
    // Hosts are often written as addresses.
    if (value) return value.replace(/^https?:\/\//, '').replace(/\/+$/, '');
    const message = `${title} needs ${setting} or api_base, and ${id} has neither.`;
    throw new SluiceError('upstream_unreachable', message, { retryable: false });
  });
}
