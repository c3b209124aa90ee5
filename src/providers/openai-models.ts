/** OpenAI's models that its chat completions do not have, https://platform.openai.com/docs/models. */
const RESPONSES_ONLY: readonly RegExp[] = [
  // o1-pro, o3-pro, gpt-5-pro, gpt-5.2-pro, …
  /^(?:o\d|gpt-[\d.]+)-pro(?![a-z])/,
  // gpt-5-codex, gpt-5.1-codex-max, codex-mini-latest, …
  /^(?:gpt-[\d.]+-)?codex(?![a-z])/,
  // o3-deep-research, o4-mini-deep-research
  /^o\d(?:-mini)?-deep-research(?![a-z])/,
  /^computer-use-preview(?![a-z])/,
  // gpt-5.6-cyber, gpt-6-rosalind, gpt-daybreak-red-latest, …
  /^gpt-(?:[\d.]+-)?(?:cyber|rosalind|daybreak)(?![a-z])/,
];

/** Whether a model has to be asked through OpenAI's responses. All codex models are, of which some have both. */
export function needsResponses(model: string): boolean {
  return RESPONSES_ONLY.some((pattern) => pattern.test(model));
}

// Azure's gpt-35-turbo is of the generation 3.
const REASONING = /(?<![a-z\d])(?:o[1-9]|gpt-?[5-9])(?!\d)/i;

/** Whether it is a reasoning model (o1, gpt-5.1, …): those refuse `max_tokens`, for `max_completion_tokens`. */
export function isReasoningModel(model: string): boolean {
  return REASONING.test(model);
}

const FROM_OPENAI = /(?<![a-z\d])o[1-9](?!\d)|gpt(?!-oss)|codex/i;

/** Whether a model is one that OpenAI alone has, as far as its name tells: the others do not know its newer fields. */
export function isOpenAiModel(model: string): boolean {
  return FROM_OPENAI.test(model);
}

const NEVER_REASONS = /gpt-?[34]|gpt-[\d.]+-chat|chatgpt/i;

/** Whether a model may reason, as far as its name tells: those that never do refuse to give reasoning encrypted. */
export function mayReason(model: string): boolean {
  return !NEVER_REASONS.test(model);
}
