import { ResponseStream as OpenAiStream } from 'openai/lib/responses/ResponseStream';
import { expect, test } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import { Fold } from '../../src/core/fold.ts';
import type { Job } from '../../src/core/job.ts';
import { responsesSurface } from '../../src/surfaces/responses/surface.ts';
import { attempt, deltas, end, text } from '../support/log-entries.ts';
import { chooseSeed, seededRandom } from '../support/random.ts';
import { randomDeltas } from '../support/random-deltas.ts';
import { eventsOf, JOB } from '../support/response-log.ts';

const reasoning = (said: string): Delta => ({ type: 'reasoning', choice: 0, text: said });
const refusal = (said: string): Delta => ({ type: 'refusal', choice: 0, text: said });
const call = (index: number): Delta => ({
  type: 'tool_call',
  choice: 0,
  call: index,
  id: `call_${index}`,
  name: 'f',
  arguments: '{}',
});

/** The same deltas as a stream and as a response that is retrieved. */
function bothOf(said: readonly Delta[]) {
  const all: Delta[] = [{ type: 'start', choice: 0 }, ...said, { type: 'finish', choice: 0, reason: 'stop' }];
  const fold = new Fold();
  for (const delta of all) fold.add(delta);
  const job = {
    ...JOB,
    status: 'completed',
    finishReason: 'stop',
    attempts: [],
    epoch: 1,
    usage: null,
    error: null,
    finishedAt: 1_700_000_009_000,
  } as unknown as Job;
  const result = fold.completion({ id: 'i', created: 0, model: 'm' });
  const whole = JSON.parse(JSON.stringify(responsesSurface.write(job, { result, echo: {} })));
  return { events: eventsOf([attempt(1), deltas(1, ...all), end(1)]), whole };
}

interface Shown {
  readonly type: string;
  readonly name?: string;
  readonly content?: readonly { readonly text?: string; readonly refusal?: string }[];
}
const brief = ({ type, name, content = [] }: Shown): string =>
  `${type}: ${name ?? content.map((part) => part.text ?? part.refusal).join('|')}`;

test.each<[what: string, said: Delta[], output: string[]]>([
  ['a call before text', [call(0), text('a')], ['function_call: f', 'message: a']],
  ['text before reasoning', [text('a'), reasoning('b')], ['message: a', 'reasoning: b']],
  [
    'reasoning among text',
    [reasoning('a'), text('b'), reasoning('c'), text('d')],
    ['reasoning: a', 'message: b', 'reasoning: c', 'message: d'],
  ],
  ['a refusal among text', [text('a'), refusal('b'), text('c')], ['message: a|b|c']],
  [
    'text between calls, with a late piece of the first',
    [call(0), text('a'), { type: 'tool_call', choice: 0, call: 0, arguments: '' }, text('b'), call(1)],
    ['function_call: f', 'message: ab', 'function_call: f'],
  ],
])('an answer keeps its order: %s', (_, said, output) => {
  const { events, whole } = bothOf(said);
  expect(whole.output.map(brief)).toEqual(output);
  expect(events.at(-1)?.response).toEqual(whole);
});

test('what its provider calls a summary is one, streamed and retrieved', () => {
  const summary: Delta = { type: 'reasoning', choice: 0, text: 'hm', summary: true };
  const { events, whole } = bothOf([summary, text('a')]);
  expect(whole.output[0].summary).toEqual([{ type: 'summary_text', text: 'hm' }]);
  expect(events.at(-1)?.response).toEqual(whole);
  expect(events.map(({ type }) => type)).toContain('response.reasoning_summary_text.delta');
});

const seed = chooseSeed();
test(`whatever comes in whatever order, what is retrieved is what was streamed (TEST_SEED=${seed})`, async () => {
  const random = seededRandom(seed);
  for (let left = 200; left > 0; left -= 1) {
    const said = randomDeltas(random).filter(
      (delta) =>
        !['start', 'usage', 'finish'].includes(delta.type) && (delta as { choice?: number }).choice === 0,
    );
    const { events, whole } = bothOf(said);
    expect(events.at(-1)?.response).toEqual(whole);
    expect(partsIn(events)).toEqual(partsOf(whole.output));
    const lines = events.map((event) => `${JSON.stringify(event)}\n`);
    const stream = OpenAiStream.fromReadableStream(new Blob(lines).stream());
    expect((await stream.finalResponse()).output.map(({ id }) => id)).toEqual(
      whole.output.map(({ id }: { id: string }) => id),
    );
  }
});

/** The text of every part, by its item and its place there. */
function partsOf(output: readonly { id: string; content?: { text?: string; refusal?: string }[] }[]) {
  return output.flatMap(({ id, content = [] }) =>
    content.map((part, index) => `${id}[${index}] ${part.text ?? part.refusal}`),
  );
}

function partsIn(events: ReturnType<typeof eventsOf>) {
  return events
    .filter(({ type }) => type === 'response.content_part.done')
    .map(({ item_id, content_index, part }) => `${item_id}[${content_index}] ${part.text ?? part.refusal}`);
}
