import { parseJson } from '../../core/json.ts';

/**
 * The value of JSON that may have been cut off, as Anthropic's clients read the input of a tool from a stream: what is not
 * whole at its end is left out, and what is open is closed. An empty object for nothing, and for what is no JSON,
 * or nested too deep to be written.
 */
export function parseUnfinished(json: string): unknown {
  return parseJson(json) ?? parseJson(closed(json)) ?? {};
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*(?=[\s,}\]])|true|false|null|[{}[\],:]/gsy;
const SPACE = /\s*/y;

/** The text up to the last token behind which all that is open can be closed, and what closes it. */
function closed(json: string): string {
  const open: string[] = [];
  let cut = 0;
  let previous = '';
  for (const { token, end } of tokens(json)) {
    if (token === '{' || token === '[') open.push(token === '{' ? '}' : ']');
    if (token === '}' || token === ']') open.pop();
    const isKey = open.at(-1) === '}' && (previous === '{' || previous === ',');
    if (token !== ',' && token !== ':' && !(isKey && token.startsWith('"'))) cut = end;
    previous = token;
  }
  // What stands behind the cut opens and closes nothing.
  return json.slice(0, cut) + open.toReversed().join('');
}

/** The tokens as far as they are whole. */
function* tokens(json: string): Generator<{ token: string; end: number }> {
  let at = 0;
  for (;;) {
    SPACE.lastIndex = at;
    at += SPACE.exec(json)?.[0].length ?? 0;
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(json)?.[0];
    if (token === undefined) return;
    at += token.length;
    yield { token, end: at };
  }
}
