/** What a Claude model can be asked for: the rules changed from generation to generation. */
export interface ClaudeModel {
  /**
   * Whether it has `output_config.format` and strict tools; others answer in a schema by a tool that they
   * must call.
   */
  readonly structuredOutputs: boolean;
  /** How it is told to think: not at all, with a budget in tokens, or as it sees fit. */
  readonly thinking: 'none' | 'budget' | 'adaptive';
  /** Whether it thinks where a request says nothing of it. */
  readonly thinksUnasked: boolean;
  /** What turns its thinking off; null where nothing does. */
  readonly thinkingOff: 'silence' | 'disabled' | 'between_tools' | null;
  /** Whether it shows its thinking only if it is asked to. */
  readonly hidesThinking: boolean;
  /** The values of `output_config.effort`; empty where it has none. */
  readonly efforts: readonly string[];
  /** Whether `temperature` and `top_p` may be set: both, either of them, or neither. */
  readonly sampling: 'both' | 'either' | 'none';
  /** Whether a tool call can be forced. */
  readonly forcedTools: boolean;
  /** The `max_tokens`, which no request may be without, of one that has none. */
  readonly maxTokens: number;
}

/**
 * A model whose name says nothing, such as a deployment of Azure's: all that is new is there, nothing is
 * refused.
 */
const UNKNOWN: ClaudeModel = {
  structuredOutputs: true,
  thinking: 'adaptive',
  thinksUnasked: false,
  thinkingOff: 'disabled',
  hidesThinking: false,
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  sampling: 'both',
  forcedTools: true,
  maxTokens: 4096,
};

const VERSION = /claude-(?:[a-z]+-)?(?<major>\d{1,2})(?!\d)(?:[-.](?<minor>\d{1,2})(?!\d))?/;

/**
 * The rules for a model by its name, which may be one of Anthropic's, Vertex AI's or Bedrock's, after
 * https://platform.claude.com/docs/en/about-claude/models and its migration guides.
 */
export function claudeModel(name: string): ClaudeModel {
  const version = versionOf(name);
  if (version === null) return UNKNOWN;
  const alwaysThinks = /fable|mythos/.test(name);
  return {
    structuredOutputs: version >= 4.05,
    thinking: version >= 4.06 ? 'adaptive' : version >= 3.07 ? 'budget' : 'none',
    thinksUnasked: version >= 5,
    thinkingOff: alwaysThinks ? null : thinkingOff(name, version),
    hidesThinking: version >= 4.07,
    efforts: effortsOf(version),
    sampling: version >= 4.07 ? 'none' : version >= 4.01 ? 'either' : 'both',
    forcedTools: version < (alwaysThinks ? 5.01 : 5.05),
    maxTokens: maxTokensOf(version),
  };
}

/**
 * `claude-3-5-haiku-…`, `claude-opus-4@2025…`, `anthropic.claude-opus-4-6-v1:0`: 3.05, 4, 4.06. Null: it says
 * none.
 */
function versionOf(name: string): number | null {
  const { major, minor = '0' } = VERSION.exec(name)?.groups ?? {};
  // The preview came without a number, and with the rules of the fifth generation.
  if (major === undefined) return name.includes('claude-mythos') ? 5 : null;
  return Number(major) + Number(minor) / 100;
}

function thinkingOff(name: string, version: number): ClaudeModel['thinkingOff'] {
  if (version < 5) return 'silence';
  if (version < 5.05 || name.includes('haiku')) return 'disabled';
  return name.includes('sonnet') ? 'between_tools' : null;
}

function effortsOf(version: number): readonly string[] {
  if (version >= 4.07) return UNKNOWN.efforts;
  return version >= 4.06 ? UNKNOWN.efforts.filter((effort) => effort !== 'xhigh') : [];
}

/** No more than the model can write, and room for its thinking. */
function maxTokensOf(version: number): number {
  if (version >= 4.05) return 64_000;
  if (version >= 3.07) return 32_000;
  return version >= 3.05 ? 8192 : 4096;
}
