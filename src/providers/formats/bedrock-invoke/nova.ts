import { type Fields, fieldsOf } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { bedrockConverse } from '../bedrock-converse/format.ts';
import { ConverseReader } from '../bedrock-converse/reader.ts';
import type { Format } from '../format.ts';
import { inChunks } from './chunk-reader.ts';

/** Nova's own format: Converse's, but that what is Nova's alone has its place among the rest. */
export const nova: Format = inChunks(
  { ...bedrockConverse, encode, read: (answer) => new NovaReader(answer) },
  'Bedrock InvokeModel: Nova',
);

function encode(request: PreparedRequest): object {
  const { additionalModelRequestFields, inferenceConfig, ...body } = fieldsOf(
    bedrockConverse.encode(request),
  );
  const { inferenceConfig: additional, ...own } = fieldsOf(additionalModelRequestFields);
  const config = { ...fieldsOf(inferenceConfig), ...fieldsOf(additional) };
  return {
    schemaVersion: 'messages-v1',
    ...body,
    ...(Object.keys(config).length > 0 && { inferenceConfig: config }),
    ...own,
  };
}

/** Each message has one of Converse's events, under its name. */
class NovaReader implements AnswerReader {
  readonly #events: ConverseReader;

  constructor(answer: Answer) {
    this.#events = new ConverseReader(answer);
  }

  get complete(): boolean {
    return this.#events.complete;
  }

  onMessage(message: Fields): void {
    for (const [event, payload] of Object.entries(message)) this.#events.onMessage(fieldsOf(payload), event);
  }

  onWhole(message: Fields): void {
    this.#events.onWhole(message);
  }

  onEnd(): void {
    this.#events.onEnd();
  }
}
