import { commandR } from '../../../src/providers/formats/bedrock-invoke/command-r.ts';
import { llama3, mistralText, titanText } from '../../../src/providers/formats/bedrock-invoke/completions.ts';
import { claude, jamba, jurassic2 } from '../../../src/providers/formats/bedrock-invoke/formats.ts';
import { nova } from '../../../src/providers/formats/bedrock-invoke/nova.ts';
import type { Format } from '../../../src/providers/formats/format.ts';
import { chunkFrame, exceptionFrame } from '../../support/eventstream.ts';
import { ai21J2 } from './ai21-j2.ts';
import { ai21Jamba } from './ai21-jamba.ts';
import { anthropic } from './anthropic.ts';
import { errorBody } from './bedrock-converse.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

type Pieces = UpstreamScripts['answer'];

/** Comes with the last message of a model, or behind it. */
const METRICS = {
  'amazon-bedrock-invocationMetrics': {
    inputTokenCount: 10,
    outputTokenCount: 60,
    invocationLatency: 1686,
    firstByteLatency: 294,
  },
};

const chunks = (messages: readonly object[]): Uint8Array[] => messages.map(chunkFrame);

/** Server-sent events as chunks of Bedrock's, which has no `[DONE]`. */
function reframed(pieces: Pieces): Uint8Array[] {
  return chunks(
    pieces.flatMap((piece) => {
      const data = /^data: (\{.*\})\s*$/m.exec(String(piece))?.[1];
      return data === undefined ? [] : [JSON.parse(data)];
    }),
  );
}

function upstream(model: string, format: Format, scripts: Pick<UpstreamScripts, 'answer' | 'empty' | 'cut'>) {
  const overloaded = [...scripts.cut, exceptionFrame('serviceUnavailableException', 'Overloaded')];
  return {
    model: `us-east-1/invoke/${model}`,
    format,
    contentType: 'application/vnd.amazon.eventstream',
    twoChoices: null,
    overloaded,
    tools: null,
    errorBody,
    ...scripts,
  } satisfies UpstreamScripts;
}

/** Of a model that continues a text: begins with nothing, says the text, ends. */
function completion(model: string, format: Format, message: (text: string, end: boolean) => object) {
  const [begin, text, end] = chunks([message('', false), message(TEXT, false), message('', true)]);
  const pieces = [begin, text, end].filter((piece) => piece !== undefined);
  return upstream(model, format, { answer: pieces, empty: pieces.toSpliced(1, 1), cut: pieces.slice(0, 2) });
}

const claudeUpstream: UpstreamScripts = {
  ...upstream('anthropic.claude-3-7-sonnet-20250219-v1:0', claude, {
    answer: reframed(anthropic.answer),
    empty: reframed(anthropic.empty),
    cut: reframed(anthropic.cut),
  }),
  tools: reframed(anthropic.tools ?? []),
};

const jambaUpstream: UpstreamScripts = {
  ...upstream('ai21.jamba-1-5-mini-v1:0', jamba, {
    answer: [...reframed(ai21Jamba.answer), chunkFrame(METRICS)],
    empty: reframed(ai21Jamba.empty),
    cut: reframed(ai21Jamba.cut),
  }),
  twoChoices: reframed(ai21Jamba.twoChoices ?? []),
  tools: reframed(ai21Jamba.tools ?? []),
};

const llama = completion('meta.llama3-1-8b-instruct-v1:0', llama3, (generation, end) => ({
  generation,
  prompt_token_count: null,
  generation_token_count: 1,
  stop_reason: end ? 'stop' : null,
  ...(end && METRICS),
}));

const mistral = completion('mistral.mixtral-8x7b-instruct-v0:1', mistralText, (text, end) => ({
  outputs: [{ text, stop_reason: end ? 'stop' : null }],
  ...(end && METRICS),
}));

const titan = completion('amazon.titan-text-express-v1', titanText, (outputText, end) => ({
  outputText,
  index: 0,
  totalOutputTextTokenCount: end ? 60 : null,
  completionReason: end ? 'FINISH' : null,
  inputTextTokenCount: 10,
  ...(end && METRICS),
}));

const cohere = completion('cohere.command-r-v1:0', commandR, (text, end) => {
  if (!end) return { is_finished: false, event_type: 'text-generation', text };
  const response = { response_id: 'r', text: TEXT, finish_reason: 'COMPLETE' };
  return { is_finished: true, event_type: 'stream-end', finish_reason: 'COMPLETE', response, ...METRICS };
});

const novaDelta = (contentBlockIndex: number, delta: object): object => ({
  contentBlockDelta: { delta, contentBlockIndex },
});
const novaCall = (contentBlockIndex: number, name: string, input: string): object[] => [
  { contentBlockStart: { start: { toolUse: { toolUseId: name, name } }, contentBlockIndex } },
  novaDelta(contentBlockIndex, { toolUse: { input } }),
  { contentBlockStop: { contentBlockIndex } },
];
const novaBegin = [{ messageStart: { role: 'assistant' } }];
const novaEnd = (stopReason: string): object[] => [
  { messageStop: { stopReason } },
  { metadata: { usage: { inputTokens: 10, outputTokens: 60 }, metrics: {}, trace: {} }, ...METRICS },
];
const novaText = [...novaBegin, novaDelta(0, { text: TEXT })];

const novaUpstream: UpstreamScripts = {
  ...upstream('amazon.nova-micro-v1:0', nova, {
    answer: chunks([...novaText, { contentBlockStop: { contentBlockIndex: 0 } }, ...novaEnd('end_turn')]),
    empty: chunks([...novaBegin, ...novaEnd('end_turn')]),
    cut: chunks(novaText),
  }),
  tools: chunks([
    ...novaBegin,
    ...novaCall(0, 'look', JSON.stringify({ at: TEXT })),
    ...novaCall(1, 'stop', '{}'),
    ...novaEnd('tool_use'),
  ]),
};

/** InvokeModel, by the formats of the models. */
export const bedrockInvokeUpstreams: readonly UpstreamScripts[] = [
  claudeUpstream,
  novaUpstream,
  llama,
  mistral,
  titan,
  cohere,
  jambaUpstream,
  { ...ai21J2, model: 'us-east-1/ai21.j2-mid-v1', format: jurassic2, errorBody },
];
