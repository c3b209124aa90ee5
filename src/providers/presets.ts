import { bearer, endpoint } from './endpoint.ts';
import { type ChatDialect, chatFormat } from './formats/openai-chat/format.ts';
import type { ProviderModule } from './provider.ts';

/** A vendor whose API is OpenAI's chat completions, as data. */
interface Preset {
  readonly name: string;
  readonly title: string;
  /** Null where every customer has an address of their own. */
  readonly apiBase: string | null;
  readonly keyVariables: readonly string[];
  readonly baseVariables?: readonly string[];
  readonly keyOptional?: boolean;
  readonly docs: string;
  readonly dialect?: ChatDialect;
  readonly notes?: readonly string[];
}

const PRESETS: readonly Preset[] = [
  {
    name: 'deepseek',
    title: 'DeepSeek',
    apiBase: 'https://api.deepseek.com',
    keyVariables: ['DEEPSEEK_API_KEY'],
    docs: 'https://api-docs.deepseek.com',
  },
];

/** The vendors as providers. */
export const compatible: readonly ProviderModule[] = PRESETS.map((preset) => {
  const format = chatFormat(preset.dialect);
  const { name, title, apiBase, keyVariables, baseVariables = [], keyOptional = false } = preset;
  return {
    info: {
      name,
      title,
      keyVariables,
      keyOptional,
      baseVariables,
      apiBase,
      needsBase: apiBase === null,
      settings: [],
    },
    about: { formats: [format], docs: preset.docs, notes: preset.notes ?? [] },
    create: (upstream) => (request, call) =>
      upstream.stream(format, request, call, () => ({
        url: endpoint(call.deployment, apiBase, '/chat/completions'),
        headers: bearer(call.deployment),
      })),
  };
});
