import { bedrockConverse } from '../../../src/providers/formats/bedrock-converse/format.ts';
import { eventFrame, exceptionFrame } from '../../support/eventstream.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

const delta = (contentBlockIndex: number, fields: object): Uint8Array =>
  eventFrame('contentBlockDelta', { contentBlockIndex, delta: fields });
const stop = (contentBlockIndex: number): Uint8Array => eventFrame('contentBlockStop', { contentBlockIndex });

const begin = eventFrame('messageStart', { role: 'assistant' });
const text = [delta(0, { text: '' }), delta(0, { text: TEXT })];

/** Usage comes behind the end, with each count of the cache under two names. */
function end(stopReason: string): Uint8Array[] {
  const cache = {
    cacheReadInputTokens: 4,
    cacheReadInputTokenCount: 4,
    cacheWriteInputTokens: 0,
    cacheWriteInputTokenCount: 0,
  };
  const usage = { inputTokens: 3, outputTokens: 9, totalTokens: 16, ...cache };
  return [
    eventFrame('messageStop', { stopReason }),
    eventFrame('metadata', { usage, metrics: { latencyMs: 605 } }),
  ];
}

function call(contentBlockIndex: number, name: string, pieces: readonly string[]): Uint8Array[] {
  const toolUse = { toolUseId: `tooluse_${contentBlockIndex}`, name };
  return [
    eventFrame('contentBlockStart', { contentBlockIndex, start: { toolUse } }),
    ...pieces.map((input) => delta(contentBlockIndex, { toolUse: { input } })),
    stop(contentBlockIndex),
  ];
}

/** The body of an error; its class is in a header, where it is not in the status. */
export function errorBody(_status: number, message: string): string {
  return JSON.stringify({ message });
}

/** Converse. */
export const bedrockConverseUpstream: UpstreamScripts = {
  model: 'us-east-1/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  format: bedrockConverse,
  contentType: 'application/vnd.amazon.eventstream',
  answer: [begin, ...text, stop(0), ...end('end_turn')],
  twoChoices: null,
  empty: [begin, ...end('end_turn')],
  cut: [begin, ...text],
  overloaded: [begin, ...text, exceptionFrame('serviceUnavailableException', 'Overloaded')],
  tools: [
    begin,
    delta(0, { text: 'Let me see.' }),
    stop(0),
    ...call(1, 'look', ['', '{"at"', `: "${TEXT}"}`]),
    ...call(2, 'stop', ['']),
    ...end('tool_use'),
  ],
  errorBody,
};
