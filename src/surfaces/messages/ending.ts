import type { FinishReason } from '../../core/completion.ts';
import type { Fields } from '../../core/json.ts';

/** Anthropic's reasons to stop, https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons. */
const STOP_REASONS: ReadonlySet<string> = new Set([
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
  'compaction',
]);

const REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  function_call: 'tool_use',
  content_filter: 'refusal',
};

/** What is known of an answer's end. */
export interface Ending {
  readonly reason: FinishReason | null;
  /** The provider's own word, where it is another one. */
  readonly native: string | undefined;
  /** What else the provider said of its answer. */
  readonly specific: Fields;
}

/** Of an answer that goes on. */
export const NO_ENDING: Ending = { reason: null, native: undefined, specific: {} };

/** How an answer ended, as a message and the last event of a stream say it. */
export function writeEnding({ reason, native, specific }: Ending): Fields {
  const { stop_sequence: sequence = null, stop_details = null, container = null } = specific;
  return {
    container,
    stop_details,
    stop_reason: stopReason(reason, native, sequence),
    stop_sequence: sequence,
  };
}

/** What was cleared from the conversation; beside the ending, and only where Anthropic was asked to. */
export function contextManagementIn({ specific: { context_management } }: Ending): Fields {
  return context_management === undefined ? {} : { context_management };
}

/** Anthropic's own word where the provider used it; a tool that stood for a schema was not called for the client. */
function stopReason(
  reason: FinishReason | null,
  native: string | undefined,
  sequence: unknown,
): string | null {
  if (reason === null) return null;
  const isCall = native === 'tool_use' && reason === 'stop';
  if (native !== undefined && STOP_REASONS.has(native) && !isCall) return native;
  if (reason === 'stop' && sequence !== null) return 'stop_sequence';
  return REASONS[reason];
}
