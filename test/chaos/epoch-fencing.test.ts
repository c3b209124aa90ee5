import { afterAll, beforeAll, expect, it } from 'vitest';
import { submit } from '../support/api-client.ts';
import {
  Cluster,
  count,
  type Followed,
  getJob,
  type StoredEntry,
  settled,
  textOf,
} from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import {
  openAnswer,
  textEvent,
  UPSTREAM_REQUEST,
  upstreamModel,
  wholeAnswer,
} from '../support/openai-stream.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';
import { type Script, type Step, UpstreamServer } from '../support/upstream-server.ts';

let upstream: UpstreamServer;
let cluster: Cluster;

beforeAll(async () => {
  upstream = await UpstreamServer.start();
  cluster = await Cluster.start({ model_list: [upstreamModel(upstream.url)] });
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await upstream.stop();
});

const SECOND = 'second answer';

/** A piece every 20 ms, for longer than the test takes. */
function streaming(): Step[] {
  return Array.from({ length: 6000 }, (_, index) => [{ delay: 20 }, textEvent(`first ${index} `)]).flat();
}

interface Zombie extends Followed {
  /** The log when the second attempt was seen for the first time. */
  takenOver: StoredEntry[];
}

/** Submits a job for the worker that will be frozen, with a reader, and waits until it has text. */
async function begin(api: SluiceProcess, first: Script): Promise<Zombie> {
  const calls = upstream.exchanges.length;
  upstream.script(first);
  const id = await submit(api.url, UPSTREAM_REQUEST);
  const followed = cluster.follow(api.url, id);
  await upstream.received(calls + 1);
  await eventually('the first text', () => followed.reader.text.includes('first'));
  return { ...followed, takenOver: [] };
}

async function seeTakenOver(zombie: Zombie): Promise<void> {
  zombie.takenOver = await eventually('the second attempt to open', async () => {
    const log = await cluster.log(zombie.id);
    return log.some(({ epoch }) => epoch === 2) && log;
  });
}

async function checkStored(zombie: Zombie, frozen: SluiceProcess, other: SluiceProcess): Promise<void> {
  const log = await cluster.log(zombie.id);
  const opening = log.findIndex(({ id }) => id === '2-0');
  expect(log.slice(0, opening)).toEqual(zombie.takenOver.filter(({ epoch }) => epoch === 1));
  expect(textOf(log.slice(0, opening))).toMatch(/^first /);
  expect(new Set(log.slice(opening).map(({ epoch }) => epoch))).toEqual(new Set([2]));
  expect(textOf(log.slice(opening))).toBe(SECOND);
  expect(count(log, 'end')).toBe(1);
  expect(await cluster.attempts(zombie.id)).toMatchObject([
    { worker: expect.stringMatching(`-${frozen.pid}$`), status: 'lost' },
    { worker: expect.stringMatching(`-${other.pid}$`), status: 'completed' },
  ]);
}

async function checkShown(zombie: Zombie, api: SluiceProcess): Promise<void> {
  const { id, reader, end } = zombie;
  await end;
  expect(reader.terminal?.event).toBe('completed');
  expect(reader.text).toBe(SECOND);
  expect(reader.events.filter(({ event }) => event === 'attempt')).toHaveLength(2);
  const { status, result } = await getJob(api.url, id);
  expect(status).toBe('completed');
  expect(result.choices[0].message.content).toBe(SECOND);
}

it('a worker frozen past its lock writes nothing after the next attempt began, and hangs up', async () => {
  const [finish, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const api = await cluster.run('api');
  const frozen = await cluster.run('worker');
  const streams = await begin(api, openAnswer(...streaming()));
  const silent = await begin(api, openAnswer(textEvent('first ')));
  const finishes = await begin(api, wholeAnswer(textEvent('first '), finish.promise, textEvent('end')));
  const zombies = [streams, silent, finishes];
  const [streamingCall, silentCall] = upstream.exchanges;

  // The second attempts are held open, so that the zombie meets a job which is in progress elsewhere.
  upstream.script(wholeAnswer(textEvent('second '), answer.promise, textEvent('answer')));
  const other = await cluster.run('worker');
  frozen.signal('SIGSTOP');
  finish.resolve();
  await Promise.all(zombies.map(seeTakenOver));
  await upstream.received(6);
  await eventually('the text of every second attempt', () =>
    zombies.every(({ reader }) => reader.text === 'second '),
  );

  frozen.signal('SIGCONT');
  for (const { id } of zombies) {
    await frozen.logged(({ msg, jobId }) => msg === 'attempt lost' && jobId === id, `${id} to be let go`);
  }
  await Promise.all([streamingCall?.closed, silentCall?.closed]);
  answer.resolve();
  for (const zombie of zombies) {
    await settled(api.url, zombie.id);
    await checkStored(zombie, frozen, other);
    await checkShown(zombie, api);
  }
  expect(upstream.exchanges).toHaveLength(6);

  other.signal('SIGKILL');
  await other.exited;
  const next = await submit(api.url, UPSTREAM_REQUEST);
  expect(await settled(api.url, next)).toMatchObject({ status: 'completed', attempts: [{ epoch: 1 }] });
});
