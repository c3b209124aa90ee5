/**
 * Whose model a bare name is, where the name tells: that of the vendor who serves it under just this name. Open
 * models, which many serve (`llama-…`, `gpt-oss-…`), are nobody's. The first that fits counts.
 */
const OWNERS: readonly (readonly [RegExp, string])[] = [
  [/^arn:aws[\w-]*:bedrock:/, 'bedrock'],
  [
    /^((us|us-gov|eu|apac|au|ca|jp|sa|global)\.)?(ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen|writer|zai)\.[a-z]/,
    'bedrock',
  ],
  [/^(claude|mistral|codestral|jamba)-[\w.-]+@\w/, 'vertex_ai'],
  [/^(ft:)?(gpt-(?!oss)|chatgpt-|codex-|computer-use-|o[134](-|$))/, 'openai'],
  [/^claude-/, 'anthropic'],
  [/^(gemini-|gemma-\d|learnlm-)/, 'gemini'],
  [/^(command(-|$)|c4ai-)/, 'cohere'],
  [/^(j2|jamba)-/, 'ai21'],
  [/^(mistral|magistral|ministral|codestral|devstral|pixtral|voxtral)-/, 'mistral'],
  [/^open-(mistral|mixtral|codestral)-/, 'mistral'],
  [/^deepseek-(chat|reasoner|coder|v4)\b/, 'deepseek'],
  [/^grok-/, 'xai'],
  [/^sonar(-|$)/, 'perplexity'],
  [/^(kimi|moonshot)-/, 'moonshot'],
  [/^glm-/, 'zai'],
  [/^(qwen-|qwen\d[\w.]*-([\w.]+-)*(max|plus|flash|turbo)\b|qwq-plus|qvq-(max|plus))/, 'dashscope'],
  [/^(MiniMax-|minimax-|abab\d)/, 'minimax'],
  [/^doubao-/, 'volcengine'],
  [/^databricks-/, 'databricks'],
];

/**
 * The name of the provider that a well-known model is asked for without one, as LiteLLM has it (but that
 * `gemini-…` is AI Studio's); null where the name does not tell.
 */
export function providerOfModel(name: string): string | null {
  return OWNERS.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
