import type { MessagePart } from '../../core/completion.ts';
import { type Fields, fieldsOf } from '../../core/json.ts';
import { refuseUnknownFields } from '../known-fields.ts';
import { refuse, refuseMissing } from '../refuse.ts';
import type { GivenBlock } from './schema.ts';

/**
 * A block of what the user or a tool says. `place` is the block's: `messages[2].content[0]`. What only Anthropic has is
 * kept as it is, for providers that know it.
 *
 * @throws {SluiceError} naming the block, or the field of it, that cannot be taken.
 */
export function partOf(block: GivenBlock, place: string): MessagePart {
  const part = translate(block, place);
  const { cache_control: mark } = block;
  return mark === undefined || mark === null ? part : { ...part, cache_control: mark };
}

/** The fields of blocks that are translated; others are kept whole, or come back as the model wrote them. */
const KNOWN: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['text', ['type', 'text', 'citations', 'cache_control']],
  ['image', ['type', 'source', 'transformations', 'cache_control']],
  ['document', ['type', 'source', 'title', 'context', 'citations', 'cache_control']],
]);

/** The same of a block that the client wrote itself, and so has the fields of its type only. */
export function givenPart(block: GivenBlock, place: string): MessagePart {
  const known = KNOWN.get(block.type);
  if (known) refuseUnknownFields(block, known, place);
  return partOf(block, place);
}

function translate(block: GivenBlock, place: string): MessagePart {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: textField(block, 'text', place) };
    case 'image':
      return imageOf(block, place);
    case 'document':
      return documentOf(block, place);
    case 'search_result':
    case 'container_upload':
    case 'tool_reference':
      return block;
    default:
      return refuse(
        'invalid_value',
        `Blocks of type '${block.type}' are not supported here.`,
        `${place}.type`,
      );
  }
}

function imageOf(block: GivenBlock, place: string): MessagePart {
  const source = sourceOf(block, place);
  if (source.type === 'file' || block.transformations) return block;
  return { type: 'image_url', image_url: { url: addressOf(source, `${place}.source`) } };
}

/** As OpenAI's file; a document of which more is asked than to be read stays Anthropic's. */
function documentOf(block: GivenBlock, place: string): MessagePart {
  const source = sourceOf(block, place);
  const { citations, context, title } = block;
  const asksMore = fieldsOf(citations).enabled === true || Boolean(context) || source.type === 'content';
  if (asksMore) return block;
  const name = typeof title === 'string' && title !== '' && { filename: title };
  if (source.type === 'file') {
    return { type: 'file', file: { file_id: textField(source, 'file_id', `${place}.source`), ...name } };
  }
  if (source.type === 'url') {
    return { type: 'file', file: { file_id: textField(source, 'url', `${place}.source`), ...name } };
  }
  if (source.type === 'text' && !name) {
    return { type: 'text', text: textField(source, 'data', `${place}.source`) };
  }
  return { type: 'file', file: { file_data: addressOf(source, `${place}.source`), ...name } };
}

function sourceOf(block: GivenBlock, place: string): Fields {
  const source = fieldsOf(block.source);
  if (typeof source.type === 'string') return source;
  refuse('invalid_value', `'${place}.source' must be an object with a type.`, `${place}.source`);
}

/** Where the bytes are, or the bytes themselves in a data URI. */
function addressOf(source: Fields, place: string): string {
  if (source.type === 'url') return textField(source, 'url', place);
  if (source.type === 'text') {
    const data = Buffer.from(textField(source, 'data', place)).toString('base64');
    return `data:text/plain;base64,${data}`;
  }
  if (source.type !== 'base64') {
    refuse(
      'invalid_value',
      `Sources of type '${String(source.type)}' are not supported here.`,
      `${place}.type`,
    );
  }
  return `data:${textField(source, 'media_type', place)};base64,${textField(source, 'data', place)}`;
}

/** A field of a block that has to be text. `place` is the block's. */
export function textField(block: Fields, name: string, place: string): string {
  const value = block[name];
  if (typeof value === 'string') return value;
  const param = `${place}.${name}`;
  if (value === undefined) refuseMissing(param);
  refuse('invalid_type', `'${param}' must be text.`, param);
}
