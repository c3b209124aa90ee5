/** What a model on Bedrock can be asked for, beyond what all of them have in common. */
export interface BedrockModel {
  /** `claude` follows Anthropic's rules, which change with its generations. */
  readonly family: 'claude' | 'nova' | 'other' | 'unknown';
  /** Whether it answers in a schema, and calls strict tools. */
  readonly structuredOutputs: boolean;
  /** Whether it can be made to call one certain tool. */
  readonly forcedTools: boolean;
  /** Whether it keeps the beginning of a prompt, up to a mark in it, for the next one. */
  readonly caches: boolean;
  /** How its own field for `top_k` is called, and within which object. */
  readonly topK: readonly string[];
  /** How it is told how much to reason. */
  readonly effort: 'nova' | 'openai' | 'nested' | null;
}

const OTHER: BedrockModel = {
  family: 'other',
  structuredOutputs: false,
  forcedTools: false,
  caches: false,
  topK: ['top_k'],
  effort: null,
};

const NOVA: BedrockModel = {
  ...OTHER,
  family: 'nova',
  forcedTools: true,
  caches: true,
  topK: ['inferenceConfig', 'topK'],
};

/**
 * The first that fits the name counts. After the lists of models in Amazon's user guide for tool use, prompt
 * caching and structured outputs, and the models' own pages.
 */
const MODELS: readonly (readonly [RegExp, BedrockModel])[] = [
  [
    /claude|^anthropic/,
    { ...OTHER, family: 'claude', structuredOutputs: true, forcedTools: true, caches: true },
  ],
  [/nova-2/, { ...NOVA, effort: 'nova' }],
  [/nova/, NOVA],
  [/^cohere/, { ...OTHER, topK: ['k'] }],
  [/titan|^ai21|^meta|llama|^writer|pixtral|mi[sx]tral-[78]|mistral-(large|small)-24|^deepseek\.r1/, OTHER],
  [/gpt-oss/, { ...OTHER, structuredOutputs: true, effort: 'openai' }],
  [/^openai/, { ...OTHER, structuredOutputs: true, effort: 'nested' }],
  [
    /^(mistral|qwen|deepseek|google|minimax|moonshot|moonshotai|nvidia|zai)\b/,
    { ...OTHER, structuredOutputs: true },
  ],
];

/**
 * A model whose name says nothing, such as an inference profile of somebody's own: nothing is refused for it.
 */
const UNKNOWN: BedrockModel = {
  ...OTHER,
  family: 'unknown',
  structuredOutputs: true,
  forcedTools: true,
  caches: true,
};

/** The rules for a model by its id, which may be that of an inference profile, or an ARN. */
export function bedrockModel(id: string): BedrockModel {
  const name = vendorName(id);
  return MODELS.find(([pattern]) => pattern.test(name))?.[1] ?? UNKNOWN;
}

/** `us.anthropic.claude-…` and the ARN of a foundation model without what stands before the vendor. */
export function vendorName(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1).replace(/^(us|us-gov|eu|apac|au|ca|jp|sa|me|af|il|global)\./, '');
}
