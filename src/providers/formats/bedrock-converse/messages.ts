import { createHash } from 'node:crypto';
import type { RequestMessage } from '../../../core/completion.ts';
import { argumentsObject } from '../../request/content.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { callsOf } from '../../request/turns.ts';
import { ToolIds } from '../anthropic/tool-ids.ts';
import { blocksOf, cachePoint } from './blocks.ts';
import { type Block, MediaBlocks } from './media.ts';
import type { BedrockModel } from './model.ts';
import { reasoningBlocks } from './reasoning.ts';

/** Bedrock's `system` and `messages`. */
export interface Conversation {
  readonly system: readonly Block[];
  readonly messages: readonly Turn[];
}

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: Block[];
}

/** Stands for the user's turn, with which Bedrock wants every conversation to begin, where there is none. */
const OPENING = '(The conversation begins here.)';

/** Stands beside documents that come without a text: Bedrock refuses them so. */
const DOCUMENTS = '(See the document.)';

/** Stands for a result without content: Bedrock refuses blank texts, and some models results without any. */
const NO_OUTPUT = '(no output)';

/** The longest id of a tool call, without what makes it unique. */
const LONGEST_ID = 60;

/**
 * A conversation in Bedrock's turns: the system apart, consecutive messages of one side as one turn, the
 * results of tools first in it. Without tools in the request, Bedrock takes neither calls nor results, which
 * become text then.
 *
 * @throws {SluiceError} `invalid_value` or `unsupported_value` naming the part of a message that cannot be
 * carried.
 */
export function encodeMessages(
  request: PreparedRequest,
  model: BedrockModel,
  withTools: boolean,
): Conversation {
  const writer = new TurnWriter(request, model, withTools);
  for (const [index, message] of request.messages.entries()) writer.add(message, `messages[${index}]`);
  return writer.end();
}

class TurnWriter {
  readonly #refuse: PreparedRequest['refuse'];
  readonly #model: BedrockModel;
  readonly #withTools: boolean;
  readonly #media: MediaBlocks;
  readonly #ids = new ToolIds();
  /** The names of the functions that were called, by the ids of the calls. */
  readonly #called = new Map<string, string>();
  readonly #system: Block[] = [];
  readonly #turns: Turn[] = [];

  constructor({ refuse }: PreparedRequest, model: BedrockModel, withTools: boolean) {
    this.#refuse = refuse;
    this.#model = model;
    this.#withTools = withTools;
    this.#media = new MediaBlocks(refuse);
  }

  add(message: RequestMessage, place: string): void {
    const { role } = message;
    const mark = cachePoint(message.cache_control, this.#model.caches);
    if (role === 'system' || role === 'developer') this.#tell(message, place, mark);
    else if (role === 'assistant') this.#take('assistant', [...this.#assistant(message, place), ...mark]);
    else if (role === 'tool') this.#take('user', [...this.#result(message, place), ...mark]);
    else this.#take('user', [...this.#blocks(message, place), ...mark]);
  }

  end(): Conversation {
    const last = this.#turns.at(-1);
    const text = last?.role === 'assistant' ? last.content.at(-1) : undefined;
    // Claude refuses an answer's beginning that ends in white space.
    if (typeof text?.text === 'string') text.text = text.text.trimEnd();
    for (const { content } of this.#turns) {
      const isBare = content.some(isDocument) && !content.some((block) => 'text' in block);
      if (isBare) content.push({ text: DOCUMENTS });
    }
    if (this.#turns[0]?.role !== 'user') this.#turns.unshift({ role: 'user', content: [{ text: OPENING }] });
    return { system: this.#system, messages: this.#turns };
  }

  #blocks(message: RequestMessage, place: string): Block[] {
    return blocksOf(message, place, this.#media, this.#model.caches);
  }

  #tell(message: RequestMessage, place: string, mark: readonly Block[]): void {
    const told = this.#blocks(message, place).filter((block) => {
      if ('text' in block || 'guardContent' in block || 'cachePoint' in block) return true;
      this.#refuse(`${place}.content`, 'the system can be told by text only');
      return false;
    });
    if (told.length > 0) this.#system.push(...told, ...mark);
  }

  /** What has to come back as it was first, then what was said, then what was called. */
  #assistant(message: RequestMessage, place: string): Block[] {
    const calls = callsOf(message, place).map(({ id, name, arguments: text, param }) => {
      this.#called.set(id, name);
      const input = argumentsObject(text, param);
      if (!this.#withTools) return { text: `${name}(${JSON.stringify(input)})` };
      return { toolUse: { toolUseId: this.#ids.begin(shortened(id)), name, input } };
    });
    const { family } = this.#model;
    // Only Claude signs its reasoning, and only Claude takes it back.
    const reasoning = family === 'claude' || family === 'unknown' ? reasoningBlocks(message) : [];
    const rest = [...this.#blocks(message, place), ...calls];
    // Claude refuses a turn that ends in reasoning.
    return rest.length === 0 ? [] : [...reasoning, ...rest];
  }

  #result(message: RequestMessage, place: string): Block[] {
    const { tool_call_id: id, is_error: failed } = message;
    const blocks = this.#blocks(message, place);
    if (!this.#withTools) {
      const what = failed === true ? 'Error' : 'Result';
      return [{ text: `${what} of ${this.#called.get(id ?? '') ?? 'a tool'}:` }, ...blocks];
    }
    // Marks cannot stand within a result, only behind it.
    const marks = blocks.filter((block) => 'cachePoint' in block);
    const content = blocks.filter((block) => !('cachePoint' in block));
    const toolResult = {
      toolUseId: this.#ids.of(shortened(id ?? '')),
      content: content.length > 0 ? content : [{ text: NO_OUTPUT }],
      ...(failed === true && { status: 'error' }),
    };
    return [{ toolResult }, ...marks];
  }

  #take(role: Turn['role'], blocks: readonly Block[]): void {
    if (blocks.every((block) => 'cachePoint' in block)) return;
    const last = this.#turns.at(-1);
    if (last?.role !== role) {
      this.#turns.push({ role, content: [...blocks] });
      return;
    }
    const at = last.content.findIndex((block) => !('toolResult' in block || 'cachePoint' in block));
    const [first = {}] = blocks;
    if ('toolResult' in first && at !== -1) last.content.splice(at, 0, ...blocks);
    else last.content.push(...blocks);
  }
}

function isDocument(block: Block): boolean {
  return 'document' in block;
}

/** An id that is too long, cut to what tells it from others. */
function shortened(id: string): string {
  if (id.length <= LONGEST_ID) return id;
  return `${id.slice(0, 27)}-${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;
}
