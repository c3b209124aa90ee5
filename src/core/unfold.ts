import type { Completion, CompletionChoice } from './completion.ts';
import type { Delta } from './delta.ts';
import { PART_KINDS, type PartKind, type PartOrder } from './part-order.ts';

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
  const { index: choice, message, finish_reason, native_finish_reason: native } = whole;
  const deltas: Delta[] = [];
  const taken = new Map<PartKind, number>();
  for (const [kind, length] of partOrder(message)) {
    const from = taken.get(kind) ?? 0;
    taken.set(kind, from + length);
    if (length > 0) deltas.push(...stretch(whole, kind, from, from + length));
  }
  const { provider_specific_fields: fields } = message;
  if (fields) deltas.push({ type: 'provider_specific', choice, fields });
  if (finish_reason) {
    deltas.push({ type: 'finish', choice, reason: finish_reason, ...(native !== undefined && { native }) });
  }
  return deltas;
}

/** The order in which the parts of a message came. */
export function partOrder(message: CompletionChoice['message']): PartOrder {
  if (message.part_order) return message.part_order;
  const { reasoning_content, thinking_blocks, content, refusal, annotations, tool_calls } = message;
  const parts = [reasoning_content, thinking_blocks, content, refusal, annotations, tool_calls];
  return PART_KINDS.map((kind, index) => [kind, parts[index]?.length ?? 0] as const);
}

/** The deltas of one stretch of an answer: from one place of its kind to another. */
function stretch(whole: CompletionChoice, kind: PartKind, from: number, to: number): Delta[] {
  const { index: choice, message, logprobs } = whole;
  switch (kind) {
    case 'reasoning':
      return [
        {
          type: 'reasoning',
          choice,
          text: message.reasoning_content?.slice(from, to) ?? '',
          ...(message.reasoning_is_summary && { summary: true }),
        },
      ];
    case 'text': {
      const chances = from === 0 && logprobs && { logprobs: logprobs.content };
      return [{ type: 'text', choice, text: message.content?.slice(from, to) ?? '', ...chances }];
    }
    case 'refusal':
      return [{ type: 'refusal', choice, text: message.refusal?.slice(from, to) ?? '' }];
    case 'thinking_block':
      return (message.thinking_blocks ?? [])
        .slice(from, to)
        .map((block) => ({ type: 'thinking_block', choice, block }));
    case 'annotation':
      return (message.annotations ?? [])
        .slice(from, to)
        .map((annotation) => ({ type: 'annotation', choice, annotation }));
    case 'tool_call':
      return (message.tool_calls ?? []).slice(from, to).map((called, at): Delta => {
        const {
          id,
          function: { name, arguments: args },
          provider_specific_fields,
        } = called;
        const specific = provider_specific_fields && { provider_specific_fields };
        return { type: 'tool_call', choice, call: from + at, id, name, arguments: args, ...specific };
      });
  }
}
