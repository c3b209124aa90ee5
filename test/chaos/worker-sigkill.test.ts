import { afterAll, beforeAll, expect, it } from 'vitest';
import { scripted, submit } from '../support/api-client.ts';
import { Cluster, count, type Followed, getJob, settled, textOf } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { chooseSeed, seededRandom } from '../support/random.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';

const KILLS = 20;
const JOBS_BETWEEN_KILLS = 2;
/** Ms from a kill to the next attempt, and what a busy machine may add. */
const RECOVERY = 10_000;
const SLACK = 3000;

const seed = chooseSeed();
const random = seededRandom(seed);
const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));

let cluster: Cluster;
let api: SluiceProcess;

beforeAll(async () => {
  cluster = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { max_lost_attempts: 100 },
    router_settings: { num_retries: 0 },
  });
  api = await cluster.run('api');
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** Keeps two workers running, so that one is there when the other is killed, and knows when each was. */
class Supervisor {
  /** Unix ms, by the worker's process id. */
  readonly kills = new Map<number, number>();
  readonly #workers: SluiceProcess[] = [];

  async start(): Promise<void> {
    this.#workers.push(...(await Promise.all([cluster.run('worker'), cluster.run('worker')])));
  }

  /** Kills either worker and resolves once another is in its place. */
  async kill(): Promise<void> {
    const [victim] = this.#workers.splice(between(0, 1), 1);
    if (victim === undefined) throw new Error('No worker to kill.');
    victim.signal('SIGKILL');
    this.kills.set(victim.pid, Date.now());
    this.#workers.push(await cluster.run('worker'));
  }
}

interface Expected extends Followed {
  readonly text: string;
}

/** A stream of 1 to 6 seconds; every third job's is over at once. */
async function submitFollowed(name: string): Promise<Expected> {
  const deltas = between(20, 60);
  const text = Array.from({ length: deltas }, (_, index) => `${name}.${index} `).join('');
  const delay_ms = between(0, 2) === 0 ? 0 : between(50, 100);
  const id = await submit(api.url, scripted({ text, delay_ms }, 'scripted/echo'));
  return { text, ...cluster.follow(api.url, id) };
}

async function checkJob({ id, text, reader, end }: Expected): Promise<void> {
  await settled(api.url, id, 60_000);
  await end;
  expect(reader.terminal?.event).toBe('completed');
  expect(reader.text).toBe(text);
  const { status, result } = await getJob(api.url, id);
  expect(status).toBe('completed');
  expect(result.choices[0].message.content).toBe(text);
  const log = await cluster.log(id);
  expect(count(log, 'end')).toBe(1);
  expect(count(log, 'attempt')).toBe(log.at(-1)?.epoch);
  expect(log.at(-1)?.kind).toBe('end');
  expect(textOf(log.filter(({ epoch }) => epoch === log.at(-1)?.epoch))).toBe(text);
}

/** Ms that each attempt of a job that died with its worker was waited for. Only kills may end attempts. */
async function recoveries(id: string, kills: ReadonlyMap<number, number>): Promise<number[]> {
  const attempts = await cluster.attempts(id);
  expect(attempts.at(-1)?.status).toBe('completed');
  return attempts.slice(0, -1).map(({ epoch, status, worker }) => {
    const killed = kills.get(Number(worker.split('-').at(-1)));
    expect({ epoch, status, killed }).toEqual({ epoch, status: 'lost', killed: expect.any(Number) });
    return (attempts[epoch]?.startedAt ?? Number.NaN) - Number(killed);
  });
}

it(`no job is lost or doubled by killing workers ${KILLS} times, seed ${seed}`, {
  timeout: 180_000,
}, async () => {
  const supervisor = new Supervisor();
  await supervisor.start();
  const jobs: Expected[] = [];
  // Jobs that are over at once may leave nothing more to see.
  const allEnded = (): boolean => jobs.every(({ reader }) => reader.terminal !== undefined);
  const seen = (): number => jobs.reduce((sum, { reader }) => sum + reader.events.length, 0);
  for (let kill = 0; kill < KILLS; kill += 1) {
    for (let job = 0; job < JOBS_BETWEEN_KILLS; job += 1) jobs.push(await submitFollowed(`${kill}.${job}`));
    const moment = seen() + between(1, 60);
    await eventually('the moment of the next kill', () => seen() >= moment || allEnded());
    await supervisor.kill();
  }
  for (const job of jobs) await checkJob(job);

  const waits = (await Promise.all(jobs.map(({ id }) => recoveries(id, supervisor.kills)))).flat();
  // Fewer would mean that the kills met idle workers.
  expect(waits.length).toBeGreaterThan(KILLS / 2);
  expect(Math.max(...waits)).toBeLessThanOrEqual(RECOVERY + SLACK);
});
