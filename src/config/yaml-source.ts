import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { ConfigPath, Locate, Place } from './problems.ts';

/** How often a document may repeat a part of itself by aliases before it counts as an attack. */
const MAX_ALIAS_COUNT = 1000;

interface YamlMistake {
  readonly place: Place | null;
  readonly path: ConfigPath;
  readonly message: string;
}

/** A YAML text as plain values, together with where each of them stands. */
export interface YamlSource {
  /** Undefined when the text is too broken to be read further; null when it is empty. */
  readonly value: unknown;
  readonly mistakes: readonly YamlMistake[];
  readonly locate: Locate;
}

/**
 * Reads one YAML 1.2 document with merge keys (`<<`), which LiteLLM's files use. Never throws: syntax
 * errors, duplicate keys, unknown tags and alias bombs become mistakes. These quote nothing of the text,
 * because one unclosed quote or wrong indent makes any value part of the error, API keys included.
 */
export function parseYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    merge: true,
    resolveKnownTags: false,
  });
  const mistakes: YamlMistake[] = [...document.errors, ...document.warnings].map((error) => ({
    place: placeAt(error.pos[0]),
    path: error.code === 'DUPLICATE_KEY' ? pathOfKey(document.contents, error.pos[0]) : [],
    message: explain(error),
  }));
  const locate: Locate = (path, at) => placeAt(findOffset(document, path, at));
  if (mistakes.some((mistake) => mistake.path.length === 0)) {
    return { value: undefined, mistakes: firstOfEachLine(mistakes), locate };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIAS_COUNT }) ?? null;
    if (!containsItself(value, [])) return { value, mistakes, locate };
    const cycle = { place: null, path: [], message: 'an alias (*name) stands inside its own anchor (&name)' };
    return { value: undefined, mistakes: [...mistakes, cycle], locate };
  } catch (error) {
    const offset = findBrokenReference(document);
    const place = offset === null ? null : placeAt(offset);
    const failure = { place, path: [], message: explainFailure(error) };
    return { value: undefined, mistakes: [...mistakes, failure], locate };
  }
}

/** One broken place makes the parser complain about much of what follows on the line. */
function firstOfEachLine(mistakes: YamlMistake[]): YamlMistake[] {
  const seen = new Set<number | undefined>();
  return mistakes.filter(({ place }) => !seen.has(place?.line) && seen.add(place?.line));
}

function explain({ code, message }: YAMLError): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'this key is given twice: keep one of them';
    case 'TAG_RESOLVE_FAILED':
    case 'BAD_COLLECTION_TYPE':
      return 'YAML tags (!name) are not understood here: quote the value if it begins with !';
    case 'BAD_ALIAS':
      return 'malformed anchor (&name) or alias (*name): quote the value if it begins with & or *';
    case 'MULTIPLE_DOCS':
      return 'the file holds several YAML documents: keep one, and remove the line --- between them';
    case 'TAB_AS_INDENT':
      return 'indented with a tab: use spaces';
    case 'BAD_DQ_ESCAPE':
      return 'unknown escape sequence in double quotes: use single quotes, or double the backslash';
    case 'NON_STRING_KEY':
      return 'a key must be plain text, not a list or a map';
    case 'RESOURCE_EXHAUSTION':
      return 'nested too deeply to be read';
    case 'UNEXPECTED_TOKEN':
      return 'not valid YAML: something unexpected stands here';
    default:
      // What the library says after a colon is a piece of the text.
      return `not valid YAML: ${message.replace(/:\s.*$/s, '')}`;
  }
}

function explainFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (message.startsWith('Excessive alias count')) {
    return `repeats itself by aliases (*name) more than ${MAX_ALIAS_COUNT} times: write the values out`;
  }
  if (message.startsWith('Unresolved alias')) {
    return 'an alias (*name) without its anchor (&name): quote the value if it begins with *';
  }
  if (message.startsWith('Merge sources')) return 'only maps can be merged with <<';
  return 'cannot be turned into values';
}

function containsItself(value: unknown, ancestors: readonly object[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (ancestors.includes(value)) return true;
  return Object.values(value).some((child) => containsItself(child, [...ancestors, value]));
}

/** Where the alias or merge stands that has no map to stand for; null if none does not. */
function findBrokenReference(document: Document.Parsed): number | null {
  let offset: number | null = null;
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      offset = startOf(alias);
      return visit.BREAK;
    },
    Pair: (_key, pair) => {
      if (keyOf(pair) !== '<<') return undefined;
      const source = isAlias(pair.value) ? pair.value.resolve(document) : pair.value;
      if (isMap(source) || isSeq(source) || source === undefined) return undefined;
      offset = startOf(pair.key);
      return visit.BREAK;
    },
  });
  return offset;
}

function findOffset(document: Document.Parsed, path: ConfigPath, at: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const child = childOf(node, step, document);
    if (child === null) return offset;
    const wanted = at === 'value' && index === path.length - 1 ? startOf(child.value) : null;
    offset = wanted ?? startOf(child.key) ?? startOf(child.value) ?? offset;
    node = child.value;
  }
  return offset;
}

function childOf(
  parent: unknown,
  step: string | number,
  document: Document.Parsed,
): { key: unknown; value: unknown } | null {
  const node = isAlias(parent) ? parent.resolve(document) : parent;
  if (isSeq(node)) {
    return typeof step === 'number' && step in node.items ? { key: null, value: node.items[step] } : null;
  }
  if (!isMap(node)) return null;
  // Of duplicate keys the last one is the one whose value is read.
  const own = node.items.findLast((pair) => keyOf(pair) === step);
  if (own) return own;
  for (const merge of node.items.filter((pair) => keyOf(pair) === '<<')) {
    for (const source of isSeq(merge.value) ? merge.value.items : [merge.value]) {
      const merged = childOf(source, step, document);
      if (merged !== null) return merged;
    }
  }
  return null;
}

/** The path of the key that begins at the offset. */
function pathOfKey(contents: unknown, offset: number): ConfigPath {
  const path: (string | number)[] = [];
  const isBefore = (node: unknown): boolean => (startOf(node) ?? Number.POSITIVE_INFINITY) <= offset;
  let node: unknown = contents;
  for (;;) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.findLast((candidate) => isBefore(candidate.key));
      if (pair === undefined) return path;
      path.push(keyOf(pair));
      node = startOf(pair.key) === offset ? null : pair.value;
    } else if (isSeq(node)) {
      const index: number = node.items.findLastIndex(isBefore);
      if (index === -1) return path;
      path.push(index);
      node = node.items[index];
    } else {
      return path;
    }
  }
}

function keyOf(pair: Pair): string {
  const value: unknown = isScalar(pair.key) ? pair.key.value : pair.key;
  return typeof value === 'symbol' ? (value.description ?? '') : String(value);
}

function startOf(node: unknown): number | null {
  return (node as Partial<Node> | null | undefined)?.range?.[0] ?? null;
}
