import type { Completion, CompletionChoice } from './completion.ts';
import type { Delta } from './delta.ts';

/** The deltas that fold back into this completion: how the events of an expired log are rebuilt. */
export function unfold(completion: Completion): Delta[] {
  const { system_fingerprint, service_tier, usage } = completion;
  const said = {
    ...(system_fingerprint !== undefined && { system_fingerprint }),
    ...(service_tier !== undefined && { service_tier }),
  };
  const deltas = completion.choices.flatMap((choice): Delta[] => [
    { type: 'start', choice: choice.index, ...said },
    ...unfoldChoice(choice),
  ]);
  if (usage) deltas.push({ type: 'usage', usage });
  return deltas;
}

function unfoldChoice(whole: CompletionChoice): Delta[] {
  const { index: choice, message, logprobs, finish_reason, native_finish_reason: native } = whole;
  const deltas: Delta[] = [];
  if (message.reasoning_content) deltas.push({ type: 'reasoning', choice, text: message.reasoning_content });
  for (const block of message.thinking_blocks ?? []) deltas.push({ type: 'thinking_block', choice, block });
  if (message.content) {
    const chances = logprobs && { logprobs: logprobs.content };
    deltas.push({ type: 'text', choice, text: message.content, ...chances });
  }
  if (message.refusal) deltas.push({ type: 'refusal', choice, text: message.refusal });
  for (const annotation of message.annotations ?? []) deltas.push({ type: 'annotation', choice, annotation });
  message.tool_calls?.forEach(
    ({ id, function: { name, arguments: args }, provider_specific_fields }, call) => {
      const specific = provider_specific_fields && { provider_specific_fields };
      deltas.push({ type: 'tool_call', choice, call, id, name, arguments: args, ...specific });
    },
  );
  const { provider_specific_fields: fields } = message;
  if (fields) deltas.push({ type: 'provider_specific', choice, fields });
  if (finish_reason) {
    deltas.push({ type: 'finish', choice, reason: finish_reason, ...(native !== undefined && { native }) });
  }
  return deltas;
}
