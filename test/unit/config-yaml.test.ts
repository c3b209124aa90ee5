import { describe, expect, test } from 'vitest';
import { parseYaml } from '../../src/config/yaml-source.ts';

/** Every mistake as `line:column path message`. */
function mistakes(text: string): string[] {
  return parseYaml(text).mistakes.map(({ place, path, message }) => {
    const where = place === null ? '-' : `${place.line}:${place.column}`;
    return `${where} ${path.join('.')} ${message}`;
  });
}

describe('what is not usable YAML', () => {
  test.each([
    ['a: "sk-secret\nb: 1', '2:5  not valid YAML: Missing closing "quote'],
    [
      'a: {b: 1',
      '1:9  not valid YAML: Flow map in block collection must be sufficiently indented and end with a }',
    ],
    ['a: sk-secret: b', '1:4  not valid YAML: Nested mappings are not allowed in compact mappings'],
    ['a: sk-secret\n b: 2', '1:4  not valid YAML: Nested mappings are not allowed in compact mappings'],
    ["a: 'x' sk-secret", '1:8  not valid YAML: something unexpected stands here'],
    ['a:\n\t- b', '2:1  indented with a tab: use spaces'],
    ['a: "\\q"', '1:5  unknown escape sequence in double quotes: use single quotes, or double the backslash'],
    [
      'a: 1\n---\nsk-secret: 2',
      '2:1  the file holds several YAML documents: keep one, and remove the line --- between them',
    ],
    [
      'a: !sk-secret b',
      '1:4  YAML tags (!name) are not understood here: quote the value if it begins with !',
    ],
    [
      'a: !!binary c2VjcmV0',
      '1:4  YAML tags (!name) are not understood here: quote the value if it begins with !',
    ],
    [
      'x: 1\na: *sk-secret',
      '2:4  an alias (*name) without its anchor (&name): quote the value if it begins with *',
    ],
    [
      'a: &sk-secret: 1',
      '1:14  malformed anchor (&name) or alias (*name): quote the value if it begins with & or *',
    ],
    ['? [a]\n: 1', '1:3  a key must be plain text, not a list or a map'],
    ['a: 1\n<<: 3', '2:1  only maps can be merged with <<'],
    [
      'a: &a {b: 1}\nc: {<<: *a}\nd: {<<: [*a]}\ne: {<<: {}}\nf: {<<: 3}',
      '5:5  only maps can be merged with <<',
    ],
    ['a: &a [*a]', '-  an alias (*name) stands inside its own anchor (&name)'],
  ])('%j', (text, message) => {
    expect(mistakes(text)).toEqual([message]);
    expect(parseYaml(text).value).toBeUndefined();
  });

  test('includes an alias bomb, which is not unfolded', () => {
    const names = 'abcdefghi';
    const lines = [...names].map((name, index) => {
      const item = index === 0 ? 'lol' : `*${names[index - 1]}`;
      return `${name}: &${name} [${Array(9).fill(item).join(', ')}]`;
    });
    expect(mistakes(lines.join('\n'))).toEqual([
      '-  repeats itself by aliases (*name) more than 1000 times: write the values out',
    ]);
  });

  test('includes what is nested too deeply', () => {
    expect(mistakes('['.repeat(20_000))).toEqual([
      expect.stringMatching(/^1:\d+ {2}nested too deeply to be read$/),
    ]);
  });

  test('is reported once a line, but on every line', () => {
    expect(mistakes('a: b: c: d\ne: f: g: h\n').map((line) => line.slice(0, 4))).toEqual(['1:4 ', '2:4 ']);
  });
});

test('a duplicate key is a mistake with its path, and reading goes on with the last one', () => {
  const source = parseYaml('a: 1\nb:\n  - c: 1\n    d: 2\n    c: 3\na: 2\n');
  expect(source.value).toEqual({ a: 2, b: [{ c: 3, d: 2 }] });
  expect(source.mistakes).toEqual([
    {
      place: { line: 5, column: 5 },
      path: ['b', 0, 'c'],
      message: 'this key is given twice: keep one of them',
    },
    { place: { line: 6, column: 1 }, path: ['a'], message: 'this key is given twice: keep one of them' },
  ]);
});

describe('what is usable', () => {
  test('is empty text, as null', () => {
    expect(parseYaml('')).toMatchObject({ value: null, mistakes: [] });
    expect(parseYaml('# nothing\n')).toMatchObject({ value: null, mistakes: [] });
  });

  test('is a template merged into more than a hundred models', () => {
    const items = Array.from({ length: 300 }, (_, index) => `  - {<<: *base, name: m${index}}`);
    const { value, mistakes: none } = parseYaml(`base: &base {timeout: 5}\nlist:\n${items.join('\n')}\n`);
    expect(none).toEqual([]);
    const { list } = value as { list: unknown[] };
    expect(list).toHaveLength(300);
    expect(list[299]).toEqual({ timeout: 5, name: 'm299' });
  });

  test('is a key named __proto__, as a key', () => {
    expect(Object.keys(parseYaml('__proto__: {a: 1}').value as object)).toEqual(['__proto__']);
  });
});

describe('locate', () => {
  const { locate } = parseYaml(`base: &base
  timeout: 5
list:
  - <<: *base
    name: x
  - *base
empty:
`);

  test.each([
    [['list', 0, 'name'], 'value', 5, 11],
    [['list', 0, 'name'], 'key', 5, 5],
    [['list', 0], 'value', 4, 5],
    [['list', 0, 'timeout'], 'value', 2, 12],
    [['list', 1, 'timeout'], 'key', 2, 3],
    [['list', 0, 'missing'], 'value', 4, 5],
    [['list', 9], 'value', 3, 1],
    [['empty'], 'key', 7, 1],
    [['missing'], 'value', 1, 1],
    [[], 'value', 1, 1],
  ] as const)('%j %s', (path, at, line, column) => {
    expect(locate(path, at)).toEqual({ line, column });
  });
});
