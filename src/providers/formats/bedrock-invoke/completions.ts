import { type Fields, fieldsOf, objectsIn } from '../../../core/json.ts';
import type { RequestField } from '../../request/fields.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { type Turn, writePrompt } from '../../request/prompt.ts';
import type { Format } from '../format.ts';
import { inChunks } from './chunk-reader.ts';
import { CompletionReader, type Piece } from './completion-reader.ts';
import { deepseekPrompt, llama2Prompt, llamaPrompt, mistralPrompt, titanPrompt } from './prompts.ts';

/** A model that continues a text: how it is asked, and where in its messages the text is. */
interface CompletionModel {
  /** For people. */
  readonly name: string;
  /** Its own names of OpenAI's fields; others it does not have. */
  readonly fields: Readonly<Partial<Record<RequestField, string>>>;
  readonly write?: (turns: readonly Turn[]) => string;
  body(prompt: string, fields: Fields): Fields;
  piecesOf(payload: Fields): readonly Piece[];
}

function completionFormat(model: CompletionModel): Format {
  const format: Format = {
    name: model.name,
    supports: new Set(Object.keys(model.fields) as RequestField[]),
    media: 'urls',
    encode: (request) => encode(request, model),
    read: (answer) => new CompletionReader(answer, model.piecesOf),
  };
  return inChunks(format, `Bedrock InvokeModel: ${model.name}`, { counted: true });
}

function encode(request: PreparedRequest, { fields: names, write, body }: CompletionModel): object {
  const { text, extras } = writePrompt(request, { systemApart: false, ...(write && { write }) });
  const { top_k, ...others } = extras;
  const k = names.top_p === 'p' ? 'k' : 'top_k';
  return body(text, { ...written(request, names), ...(top_k !== undefined && { [k]: top_k }), ...others });
}

/** OpenAI's fields under the model's own names. */
function written(request: PreparedRequest, names: CompletionModel['fields']): Fields {
  const { fields, maxTokens, stop, refuse } = request;
  const values: Fields = { ...fields, max_tokens: maxTokens, stop: stop.length > 0 ? stop : null };
  const renamed: Record<string, unknown> = {};
  for (const [field, name] of Object.entries(names)) {
    const value = values[field];
    if (field === 'temperature' && Number(value) > 1) refuse('temperature', 'the highest temperature is 1');
    else if (value !== null && value !== undefined) renamed[name] = value;
  }
  return renamed;
}

const withPrompt = (prompt: string, fields: Fields): Fields => ({ prompt, ...fields });

function llama(name: string, write: (turns: readonly Turn[]) => string): Format {
  return completionFormat({
    name,
    fields: { max_tokens: 'max_gen_len', temperature: 'temperature', top_p: 'top_p' },
    write,
    body: withPrompt,
    piecesOf: ({ generation, stop_reason }) => [{ text: generation, reason: stop_reason }],
  });
}

/** Meta's models; those of the fourth generation mark turns with other words than those of the third. */
export const llama4 = llama('Llama 4', (turns) => llamaPrompt(turns, 4));
export const llama3 = llama('Llama 3', (turns) => llamaPrompt(turns, 3));
export const llama2 = llama('Llama 2', llama2Prompt);

const MISTRAL_FIELDS = { max_tokens: 'max_tokens', temperature: 'temperature', top_p: 'top_p', stop: 'stop' };

/** Mistral's first models, up to those of February 2024. */
export const mistralText = completionFormat({
  name: 'Mistral text completion',
  fields: MISTRAL_FIELDS,
  write: mistralPrompt,
  body: withPrompt,
  piecesOf: ({ outputs }) =>
    objectsIn(outputs).map(({ text, stop_reason }) => ({ text, reason: stop_reason })),
});

export const deepseekR1 = completionFormat({
  name: 'DeepSeek R1',
  fields: MISTRAL_FIELDS,
  write: deepseekPrompt,
  body: withPrompt,
  piecesOf: ({ choices }) =>
    objectsIn(choices).map(({ text, stop_reason }) => ({ text, reason: stop_reason })),
});

/** Amazon's models before Nova. */
export const titanText = completionFormat({
  name: 'Titan Text',
  fields: { max_tokens: 'maxTokenCount', temperature: 'temperature', top_p: 'topP', stop: 'stopSequences' },
  write: titanPrompt,
  body: (inputText, { maxTokenCount, temperature, topP, stopSequences, ...others }) => {
    const config = {
      maxTokenCount,
      temperature,
      topP,
      stopSequences,
      ...fieldsOf(others.textGenerationConfig),
    };
    return { inputText, ...others, textGenerationConfig: config };
  },
  piecesOf: ({ results, ...chunk }) => {
    const parts = results === undefined ? [chunk] : objectsIn(results);
    return parts.map(({ outputText, completionReason }) => ({ text: outputText, reason: completionReason }));
  },
});

/** Cohere's Command before Command R. */
export const cohereCommand = completionFormat({
  name: 'Cohere Command',
  fields: {
    max_tokens: 'max_tokens',
    temperature: 'temperature',
    top_p: 'p',
    stop: 'stop_sequences',
    n: 'num_generations',
  },
  body: (prompt, fields) => ({ prompt, stream: true, ...fields }),
  piecesOf: ({ generations, ...chunk }) => {
    const parts = generations === undefined ? [chunk] : objectsIn(generations);
    return parts.map(({ index, text, finish_reason: reason }, at) => ({ choice: index ?? at, text, reason }));
  },
});
