/** One event. */
export function event(type: string, fields: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

/** The beginning of an answer. */
export const begin = (usage: object = { input_tokens: 3, output_tokens: 1 }) =>
  event('message_start', { message: { type: 'message', role: 'assistant', content: [], usage } });
/** The beginning of a content block, a piece of one, and its end. */
export const start = (index: number, block: object) =>
  event('content_block_start', { index, content_block: block });
export const delta = (index: number, fields: object) =>
  event('content_block_delta', { index, delta: fields });
export const stop = (index: number) => event('content_block_stop', { index });
/** A content block, with everything that comes of it. */
export const block = (index: number, first: object, ...deltas: object[]) =>
  [start(index, first), ...deltas.map((fields) => delta(index, fields)), stop(index)].join('');
/** A block of text in one piece. */
export const text = (index: number, words: string) =>
  block(index, { type: 'text', text: '' }, { type: 'text_delta', text: words });
/** The end of an answer. */
export const end = (reason: string, more: object = {}, usage: object = { output_tokens: 2 }) =>
  event('message_delta', { delta: { stop_reason: reason, stop_sequence: null, ...more }, usage }) +
  event('message_stop');
