import type { ProviderInfo, ProviderSetting } from '../src/config/provider-info.ts';
import type { EmbeddingFormat } from '../src/providers/formats/embedding-format.ts';
import type { Format } from '../src/providers/formats/format.ts';
import type { ProviderModule } from '../src/providers/provider.ts';
import { REQUEST_FIELDS } from '../src/providers/request/fields.ts';

/** Where the page is, from the project's root. */
export const PAGE = 'docs/providers.md';

const HEAD = `# Providers

<!-- Written by \`npm run docs\` from the providers' own descriptions. Do not edit. -->

A deployment names its provider before the first slash of \`model\`. All else has a default, or comes from the
environment:

\`\`\`yaml
model_list:
  - model_name: fast                  # what clients ask for
    litellm_params:
      model: groq/llama-3.3-70b-versatile
      api_key: os.environ/GROQ_API_KEY  # the same if it is left out
      api_base: https://proxy.example/v1  # in place of Groq's own address
      drop_params: true               # leave out what Groq does not support, instead of refusing the request
      temperature: 0.2                # for requests that do not say
      extra_body: { reasoning_format: parsed }  # fields that only Groq has
\`\`\`

- Settings of a provider stand among the \`litellm_params\`, or in the environment variables named below.
- A request for something that a provider cannot do is refused with \`unsupported_parameter\` or \`unsupported_value\`,
  naming the field. With \`drop_params\`, in the request or the deployment, the field is left out.
- \`user\`, \`safety_identifier\`, \`prompt_cache_key\`, \`metadata\` and \`store\` never change an answer: they are left out
  where a provider has no place for them.
- Fields that OpenAI does not have go to the provider as they are.
- The same holds for embeddings: what a vendor wants to know besides (\`input_type\`, \`task_type\`, …) may stand in the
  request, or in the deployment's \`extra_body\`.
- A server that is not here, and speaks like OpenAI, is \`openai_like/<its model>\` with its \`api_base\`.
`;

/** `docs/providers.md`: what every provider is called, needs, speaks, and does not do. */
export function providerPage(modules: readonly ProviderModule[]): string {
  const sorted = [...modules].sort((one, other) => compare(one.info.title, other.info.title));
  const rows = sorted.map(({ info, about }) => {
    const formats = about.formats.map(({ name }) => name).join(', ');
    const embeds = about.embeddings === undefined ? '' : 'yes';
    return `| [${info.title}](#${anchor(info)}) | \`${info.name}/\` | ${list(info.keyVariables)} | ${formats} | ${embeds} |`;
  });
  const table = [
    '| Provider | Model begins with | Key | Speaks | Embeddings |',
    '|---|---|---|---|---|',
    ...rows,
  ];
  return `${[HEAD, ...table, ...sorted.map(section)].join('\n')}\n`;
}

function section({ info, about }: ProviderModule): string {
  const [usual] = about.formats;
  const lines = [
    `- Model: \`${info.name}/…\``,
    `- Key: ${keyOf(info)}`,
    `- Address: ${addressOf(info)}`,
    ...info.settings.map((setting) => `- Setting ${settingOf(setting)}`),
    ...about.formats.map((format) => `- ${format === usual ? 'Speaks' : 'Also speaks'} ${formatOf(format)}`),
    ...(about.embeddings ? [`- Embeds through ${embeddingsOf(about.embeddings)}`] : []),
    `- [Its documentation](${about.docs})`,
  ];
  const notes = about.notes.map((note) => `- ${note}`);
  const known =
    notes.length === 0 ? [] : ['', 'What is peculiar to it, and what Sluice does about it:', '', ...notes];
  return `\n## ${heading(info)}\n\n${[...lines, ...known].join('\n')}`;
}

function heading({ title, name }: ProviderInfo): string {
  return `${title} (\`${name}\`)`;
}

/** As GitHub makes it of a heading. */
function anchor(info: ProviderInfo): string {
  const text = heading(info).toLowerCase().replaceAll(' ', '-');
  return text.replace(/[^\p{L}\p{N}_-]/gu, '');
}

function keyOf({ keyVariables, keyOptional }: ProviderInfo): string {
  if (keyVariables.length === 0) return 'none';
  return `\`api_key\`, or ${list(keyVariables)}${keyOptional ? '; optional' : ''}`;
}

function addressOf({ apiBase, baseVariables, needsBase }: ProviderInfo): string {
  const own = apiBase === null ? '' : `\`${apiBase}\`; `;
  const variables = baseVariables.length === 0 ? '' : `, or ${list(baseVariables)}`;
  return `${own}\`api_base\`${variables}${needsBase ? '; required' : ''}`;
}

const REQUIRED = { true: '; required', without_base: '; required without an `api_base`', false: '' };

function settingOf({ name, variables, about, required = false }: ProviderSetting): string {
  const from = variables.length === 0 ? '' : ` (${list(variables)})`;
  return `\`${name}\`${from}: ${about}${REQUIRED[`${required}`]}`;
}

function formatOf({ name, supports, media, readsUrl }: Format): string {
  const missing = REQUEST_FIELDS.filter((field) => !supports.has(field));
  const without = missing.length === 0 ? '' : `, without ${list(missing)}`;
  const which = readsUrl ? 'images and files that it does not read by itself' : 'images and files';
  const bytes = media === 'bytes' ? `; ${which} are fetched and sent as bytes` : '';
  return `${name}${without}${bytes}`;
}

function embeddingsOf({ name, dimensions, tokens, maxInputs }: EmbeddingFormat): string {
  const missing = [
    ...(dimensions === false ? ['without `dimensions`'] : []),
    ...(tokens === false ? ['of texts alone'] : []),
    ...(maxInputs === undefined ? [] : [`of at most ${maxInputs} inputs a request`]),
  ];
  return [name, ...missing].join(', ');
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

/** The same everywhere, whatever the locale. */
function compare(one: string, other: string): number {
  const [first, second] = [one.toLowerCase(), other.toLowerCase()];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}
