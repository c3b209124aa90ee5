import { type Fields, textIn } from '../../../core/json.ts';
import { reasoningToKeep } from './reasoning-items.ts';

/** Of an item of the output, in characters of JSON; of a longer one only its name is kept. */
const LONGEST_ITEM = 32 * 1024;

/** What chat completions have a place for of their own. */
const TOLD: ReadonlySet<unknown> = new Set(['message', 'function_call', 'reasoning']);

/**
 * What of an output is kept as `provider_specific_fields`: `reasoning_items` and the `phase` of its last message go
 * back in the next turn; `output_items` are the calls of OpenAI's own tools, and `images` what they drew, in the
 * form in which OpenRouter and LiteLLM have images.
 */
export function fieldsToKeep(output: readonly Fields[]): Fields {
  const reasoning = reasoningToKeep(output);
  const own = output.filter(({ type }) => !TOLD.has(type));
  const images = own.filter(({ type, result }) => type === 'image_generation_call' && textIn(result));
  const phase = textIn(output.findLast(({ type }) => type === 'message')?.phase);
  return {
    ...(reasoning.length > 0 && { reasoning_items: reasoning }),
    ...(own.length > 0 && { output_items: own.map(shortened) }),
    ...(images.length > 0 && { images: images.map(imageOf) }),
    ...(phase && { phase }),
  };
}

function shortened(item: Fields): Fields {
  const { result, ...others } = item;
  const kept = item.type === 'image_generation_call' ? others : item;
  if (JSON.stringify(kept).length <= LONGEST_ITEM) return kept;
  const { type, id, status } = item;
  return { type, id, status };
}

function imageOf({ result, output_format: format }: Fields): Fields {
  const url = `data:image/${textIn(format) || 'png'};base64,${result}`;
  return { type: 'image_url', image_url: { url } };
}
