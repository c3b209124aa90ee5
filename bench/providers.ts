/**
 * `npm run bench:providers`: what it costs to decode one delta, for each wire format, as µs of CPU time. Every
 * format decodes its own stream of the same text, an event in each read as tokens arrive, and then in reads of 16
 * KiB as a busy connection delivers them. The formats take turns; the figures are medians over the rounds. Ends
 * with 1 if a format costs more than three times what OpenAI's does.
 *
 *   npm run bench:providers             about half a minute
 *   npm run bench:providers -- --quick  a shorter run, for a look
 */
import { parseArgs } from 'node:util';
import { decoderFor } from '../src/providers/answer/decoders.ts';
import { OWN_UPSTREAMS } from '../test/conformance/upstreams/all.ts';
import type { UpstreamScripts } from '../test/conformance/upstreams/upstream-scripts.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean' } } });
const ROUNDS = values.quick ? 9 : 41;
const DELTAS = 2000;
const READ_BYTES = 16 * 1024;
const LIMIT = 3;

interface Contestant {
  readonly name: string;
  readonly scripts: UpstreamScripts;
  /** The same stream, one event a read and in large reads. */
  readonly reads: Record<'events' | 'large', readonly Uint8Array[]>;
}

type Times = Record<keyof Contestant['reads'], number[]>;

/** How many deltas come out, of which so many are text. */
function decode({ scripts }: Contestant, reads: readonly Uint8Array[]): { all: number; text: number } {
  const decoder = decoderFor('bench', scripts.contentType, (answer) => scripts.format.read(answer));
  if (decoder === null) throw new Error(`nothing reads ${scripts.contentType}`);
  const count = { all: 0, text: 0 };
  const drain = (): void => {
    for (const { type } of decoder.deltas) {
      count.all += 1;
      if (type === 'text') count.text += 1;
    }
    decoder.deltas.length = 0;
  };
  for (const bytes of reads) {
    decoder.feed(bytes);
    drain();
  }
  decoder.end();
  drain();
  return count;
}

/** The pieces of a format's answer, with the one that brings text repeated. Null: its answers are in one piece. */
function contestant(name: string, scripts: UpstreamScripts): Contestant | null {
  const pieces = scripts.answer.map((piece) => Buffer.from(piece as string));
  const at = pieces.findIndex((_, index) => {
    const reads = { events: pieces.slice(0, index + 1), large: [] };
    return decode({ name, scripts, reads }, reads.events).text > 0;
  });
  const middle = pieces[at];
  if (middle === undefined || scripts.streams === false) return null;
  const repeated = Array<Buffer>(DELTAS).fill(middle);
  const events = [...pieces.slice(0, at), ...repeated, ...pieces.slice(at + 1)];
  const whole = Buffer.concat(events);
  const large: Buffer[] = [];
  for (let from = 0; from < whole.length; from += READ_BYTES)
    large.push(whole.subarray(from, from + READ_BYTES));
  const made: Contestant = { name, scripts, reads: { events, large } };
  const { text } = decode(made, events);
  if (text < DELTAS) throw new Error(`${name}: ${text} text deltas in place of ${DELTAS}`);
  return made;
}

function microseconds(work: () => { all: number }): number {
  const before = process.cpuUsage();
  const { all } = work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / all;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const formats = new Map<string, Contestant>();
for (const scripts of Object.values(OWN_UPSTREAMS).flat()) {
  const { name } = scripts.format;
  const made = formats.has(name) ? null : contestant(name, scripts);
  if (made !== null) formats.set(name, made);
}
const contestants = [...formats.values()];
const times = new Map<string, Times>(contestants.map(({ name }) => [name, { events: [], large: [] }]));

console.error(`bench: ${contestants.length} formats, ${ROUNDS} rounds of ${DELTAS} deltas`);
for (let round = -3; round < ROUNDS; round += 1) {
  for (const each of contestants) {
    for (const kind of ['events', 'large'] as const) {
      const spent = microseconds(() => decode(each, each.reads[kind]));
      // The first rounds are for the compiler.
      if (round >= 0) times.get(each.name)?.[kind].push(spent);
    }
  }
}

const [openai] = contestants;
if (openai === undefined) throw new Error('there is no format');
const cost = (name: string, kind: keyof Times): number => median(times.get(name)?.[kind] ?? []);
const baseline = { events: cost(openai.name, 'events'), large: cost(openai.name, 'large') };
const rows = contestants.map(({ name }) => {
  const [events, large] = [cost(name, 'events'), cost(name, 'large')];
  return { name, events, large, ratio: Math.max(events / baseline.events, large / baseline.large) };
});
const width = Math.max(...rows.map(({ name }) => name.length));
console.log(`${'µs a delta'.padEnd(width)}  an event a read   16 KiB reads   x OpenAI's`);
for (const { name, events, large, ratio } of rows) {
  const cells = [
    events.toFixed(2).padStart(15),
    large.toFixed(2).padStart(14),
    ratio.toFixed(2).padStart(12),
  ];
  console.log(`${name.padEnd(width)}  ${cells.join(' ')}${ratio > LIMIT ? '  too much' : ''}`);
}
process.exitCode = rows.some(({ ratio }) => ratio > LIMIT) ? 1 : 0;
