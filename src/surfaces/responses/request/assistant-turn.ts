import type { MessagePart, RequestMessage, RequestToolCall } from '../../../core/completion.ts';
import { type Fields, fieldsOf, objectsIn, textIn } from '../../../core/json.ts';
import { requireText } from '../../refuse.ts';
import { unseal } from '../sealed.ts';
import { contentOf } from './parts.ts';

/** Consecutive items of the model, as the one chat message that they are. */
export class AssistantTurn {
  readonly #parts: MessagePart[] = [];
  readonly #calls: RequestToolCall[] = [];
  readonly #thoughts: string[] = [];
  readonly #blocks: Fields[] = [];
  readonly #items: Fields[] = [];
  readonly #hosted: Fields[] = [];
  readonly #specific: [string, unknown][] = [];
  #phase = '';
  #said = false;

  /** There is a message and nothing was called: another message is one of its own. */
  get hasOnlySaid(): boolean {
    return this.#said && this.#calls.length === 0;
  }

  say(item: Fields, place: string): void {
    const content = contentOf(item.content, `${place}.content`);
    for (const part of typeof content === 'string' ? [{ type: 'text', text: content }] : content) {
      this.#parts.push(part);
    }
    this.#phase = textIn(item.phase);
    for (const field of Object.entries(fieldsOf(item.provider_specific_fields))) this.#specific.push(field);
    this.#said = true;
  }

  call(item: Fields, place: string): void {
    const specific = fieldsOf(item.provider_specific_fields);
    this.#calls.push({
      id: requireText(item.call_id, `${place}.call_id`),
      type: 'function',
      function: {
        name: requireText(item.name, `${place}.name`),
        arguments: requireText(item.arguments, `${place}.arguments`),
      },
      ...(Object.keys(specific).length > 0 && { provider_specific_fields: specific }),
    });
  }

  think(item: Fields, place: string): void {
    const { blocks, items } = unseal(item, place);
    this.#blocks.push(...blocks);
    this.#items.push(...items);
    const content = objectsIn(item.content);
    const paragraphs = content.length > 0 ? content : objectsIn(item.summary);
    this.#thoughts.push(...paragraphs.map(({ text }) => textIn(text)).filter((text) => text !== ''));
  }

  host(item: Fields): void {
    this.#hosted.push(item);
  }

  /** The message; none where the model has neither said nor called anything. */
  messages(): RequestMessage[] {
    if (!this.#said && this.#calls.length === 0) return [];
    const specific = {
      ...Object.fromEntries(this.#specific),
      ...(this.#items.length > 0 && { reasoning_items: this.#items }),
      ...(this.#hosted.length > 0 && { output_items: this.#hosted }),
      ...(this.#phase && { phase: this.#phase }),
    };
    return [
      {
        role: 'assistant',
        content: this.#content(),
        ...(this.#thoughts.length > 0 && { reasoning_content: this.#thoughts.join('\n\n') }),
        ...(this.#blocks.length > 0 && { thinking_blocks: this.#blocks }),
        ...(this.#calls.length > 0 && { tool_calls: this.#calls }),
        ...(Object.keys(specific).length > 0 && { provider_specific_fields: specific }),
      },
    ];
  }

  #content(): RequestMessage['content'] {
    if (!this.#said) return null;
    const plain = this.#parts.every((part) => part.type === 'text' && Object.keys(part).length === 2);
    return plain ? this.#parts.map(({ text }) => textIn(text)).join('') : this.#parts;
  }
}
