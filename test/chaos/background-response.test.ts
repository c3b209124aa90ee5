import { afterAll, beforeAll, expect, it } from 'vitest';
import { call } from '../support/api-client.ts';
import { Cluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { ResponseReader } from '../support/response-reader.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';

const TEXT = Array.from({ length: 120 }, (_, index) => `${index} läuft ✓\n`).join('');
/** Deltas that a reader has when the processes are killed. */
const MOMENTS = [1, 20, 60];

let cluster: Cluster;
let api: SluiceProcess;
let worker: SluiceProcess;

beforeAll(async () => {
  cluster = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { max_lost_attempts: 100 },
  });
  [api, worker] = await Promise.all([cluster.run('api'), cluster.run('worker')]);
});
afterAll(() => cluster[Symbol.asyncDispose]());

function create(): { reader: ResponseReader; reading: Promise<boolean> } {
  const reader = new ResponseReader();
  const mock_response = { text: TEXT, deltas: 120, delay_ms: 15 };
  const body = { model: 'scripted/echo', input: 'go', background: true, stream: true, mock_response };
  const reading = reader.read(`${api.url}/v1/responses`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { reader, reading };
}

/** Goes on behind the last event until there is a terminal one. */
async function followToTheEnd(reader: ResponseReader): Promise<void> {
  await eventually(
    'the terminal event',
    async () => {
      const after = reader.last?.sequence_number;
      await reader.read(`${api.url}/v1/responses/${reader.id}?stream=true&starting_after=${after}`);
      return reader.ended;
    },
    { within: 60_000 },
  );
}

it.each(MOMENTS)(
  'a response survives the death of its API and its worker after %i deltas',
  {
    timeout: 90_000,
  },
  async (moment) => {
    const { reader, reading } = create();
    const deltas = () => reader.events.filter(({ type }) => type === 'response.output_text.delta').length;
    await eventually('the moment of the kill', () => deltas() >= moment);
    api.signal('SIGKILL');
    worker.signal('SIGKILL');
    await reading;
    [api, worker] = await Promise.all([cluster.run('api'), cluster.run('worker')]);
    await followToTheEnd(reader);

    expect(reader.last).toMatchObject({ type: 'response.completed', response: { status: 'completed' } });
    expect(reader.last?.response.output).toMatchObject([{ type: 'message', content: [{ text: TEXT }] }]);
    expect(reader.text).toBe(TEXT);
    // The attempt that died had a beginning of the text, and its end was told.
    expect(reader.texts).toHaveLength(2);
    const [first = ''] = reader.texts;
    expect(TEXT.startsWith(first) && first.length < TEXT.length).toBe(true);
    const errors = reader.events.filter(({ type }) => type === 'error');
    expect(errors.map(({ error }) => error.code)).toEqual(['attempt_interrupted']);

    const { body } = await call('GET', `${api.url}/v1/responses/${reader.id}`);
    expect(body).toEqual(reader.last?.response);
    // Who comes later is spared the attempt that died, and gets the rest with the same numbers.
    const log = await (await fetch(`${api.url}/v1/responses/${reader.id}?stream=true`)).text();
    const late = [...log.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
    const second = reader.events.findIndex(({ type }) => type === 'error') + 1;
    expect(late).toEqual([...reader.events.slice(0, 3), ...reader.events.slice(second)]);
  },
);

it('a response is known at once, though no worker is there, and is answered when one comes', {
  timeout: 60_000,
}, async () => {
  worker.signal('SIGKILL');
  const { reader, reading } = create();
  // Sooner than a stream waits for its first delta where nobody needs to know the id.
  await eventually('its beginning', () => reader.events.length > 0, { within: 1500 });
  expect(reader.events.map(({ type }) => type)).toEqual(['response.created', 'response.queued']);
  worker = await cluster.run('worker');
  await reading;
  expect(reader.text).toBe(TEXT);
  expect(reader.ended).toBe(true);
});
