import type { Completion, CompletionRequest, RequestMessage } from '../core/completion.ts';
import { type EmbeddingRequest, inputsOf } from '../core/embedding.ts';

/** What is to be counted: texts, and tokens that are known without counting. */
export interface Countable {
  readonly texts: readonly string[];
  readonly tokens: number;
}

/** What OpenAI's chat template adds to each message, and before the answer. */
const PER_MESSAGE = 3;
const BEFORE_ANSWER = 3;
/** What OpenAI counts for an image of 1024 × 1024 pixels, and for one of low detail. Its size is not known here. */
const PER_IMAGE = 765;
const PER_SMALL_IMAGE = 85;

/**
 * What of a request a model reads: messages, the tools' descriptions and the schema of the answer. Sounds, videos and
 * files are left out, because nothing tells their length.
 */
export function requestCountable(request: CompletionRequest): Countable {
  const texts: string[] = [];
  let tokens = BEFORE_ANSWER;
  for (const message of request.messages) {
    tokens += PER_MESSAGE + addMessage(message, texts);
  }
  for (const part of [request.tools, request.functions, request.response_format]) {
    if (typeof part === 'object' && part !== null) texts.push(JSON.stringify(part));
  }
  return { texts, tokens };
}

/** Adds a message's texts; returns the tokens of its images. */
function addMessage(message: RequestMessage, texts: string[]): number {
  const { role, name, content, reasoning_content, refusal, tool_calls } = message;
  let tokens = 0;
  addText(role, texts);
  for (const text of [name, reasoning_content, refusal]) addText(text, texts);
  if (typeof content === 'string') addText(content, texts);
  else for (const part of content ?? []) tokens += addPart(part, texts);
  for (const call of tool_calls ?? []) {
    addText(call.function?.name, texts);
    addText(call.function?.arguments, texts);
  }
  return tokens;
}

function addPart(part: Readonly<Record<string, unknown>>, texts: string[]): number {
  addText(part.text, texts);
  addText(part.refusal, texts);
  if (part.type !== 'image_url') return 0;
  const { detail } = Object(part.image_url) as { detail?: unknown };
  return detail === 'low' ? PER_SMALL_IMAGE : PER_IMAGE;
}

/** What a model reads to embed it. */
export function inputCountable(request: EmbeddingRequest): Countable {
  const inputs = inputsOf(request);
  const counted = inputs.filter((input) => typeof input !== 'string');
  return {
    texts: inputs.filter((input) => typeof input === 'string'),
    tokens: counted.reduce((sum, { length }) => sum + length, 0),
  };
}

/** What of an answer a model wrote, as far as it was shown: text, reasoning and calls of tools. */
export function answerCountable({ choices }: Completion): Countable {
  const texts: string[] = [];
  for (const { message } of choices) {
    for (const text of [message.reasoning_content, message.content, message.refusal]) addText(text, texts);
    for (const { function: called } of message.tool_calls ?? []) {
      addText(called.name, texts);
      addText(called.arguments, texts);
    }
  }
  return { texts, tokens: 0 };
}

function addText(value: unknown, texts: string[]): void {
  if (typeof value === 'string' && value !== '') texts.push(value);
}
