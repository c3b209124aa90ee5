import { j2Complete } from '../ai21-j2/format.ts';
import { jambaChat } from '../ai21-jamba/format.ts';
import { anthropicFormat } from '../anthropic/format.ts';
import { vendorName } from '../bedrock-converse/model.ts';
import type { Format } from '../format.ts';
import { chatFormat } from '../openai-chat/format.ts';
import { inChunks } from './chunk-reader.ts';
import { commandR } from './command-r.ts';
import { cohereCommand, deepseekR1, llama2, llama3, llama4, mistralText, titanText } from './completions.ts';
import { nova } from './nova.ts';

/** Claude, in Anthropic's own format. */
export const claude = inChunks(
  anthropicFormat({ version: 'bedrock-2023-05-31', media: 'bytes' }),
  'Bedrock InvokeModel: Anthropic messages',
);

/** AI21's Jamba, in its own format. */
export const jamba = inChunks(withoutAddress(jambaChat), 'Bedrock InvokeModel: AI21 Jamba');

/** Models that speak OpenAI's format: its own open ones, and most that others have opened. */
export const openModels = inChunks(
  withoutAddress(
    chatFormat({
      plain: true,
      hints: [],
      streamOptions: false,
      unsupported: ['audio', 'modalities', 'prediction', 'web_search_options', 'service_tier'],
    }),
  ),
  'Bedrock InvokeModel: OpenAI chat completions',
);

/** AI21's Jurassic-2, which does not stream: its answers come whole. */
export const jurassic2 = j2Complete;

/** The first that fits the name counts. */
const FORMATS: readonly (readonly [RegExp, Format])[] = [
  [/claude|^anthropic/, claude],
  [/nova/, nova],
  [/titan/, titanText],
  [/llama-?2/, llama2],
  [/llama-?4/, llama4],
  [/llama/, llama3],
  [/command-r/, commandR],
  [/^cohere/, cohereCommand],
  [/\bj2\b/, jurassic2],
  [/^ai21|jamba/, jamba],
  [/^mistral.*(mi[sx]tral-[78]|-24)/, mistralText],
  [/^deepseek[._]r1/, deepseekR1],
];

/** All of them, the usual ones first. */
export const INVOKE_FORMATS: readonly Format[] = [
  ...new Set([...FORMATS.map(([, format]) => format), openModels]),
];

/** The format in which a model wants to be asked by InvokeModel; `id` may be that of an inference profile. */
export function invokeFormat(id: string): Format {
  const name = vendorName(id);
  return FORMATS.find(([pattern]) => pattern.test(name))?.[1] ?? openModels;
}

/** Bedrock's addresses say the model and that the answer is streamed; bodies must not. */
function withoutAddress(format: Format): Format {
  return {
    ...format,
    encode: (request) => {
      const { model: _model, stream: _stream, ...body } = format.encode(request) as Record<string, unknown>;
      return body;
    },
  };
}
