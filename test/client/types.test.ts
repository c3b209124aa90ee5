import { describe, expectTypeOf, it } from 'vitest';
import {
  acompletion,
  type ChatCompletion,
  type ChatCompletionChunk,
  type ChunkDelta,
  type CompletionParams,
  type CompletionStream,
  completion,
  type Job,
  type JobDelta,
  type JobObject,
  type LoggedCall,
  type Page,
  type Sluice,
} from '../../src/client/index.ts';

/** Never run: what these return is looked at by the compiler. */
const params = {} as Omit<CompletionParams, 'stream'>;
const either = {} as CompletionParams;
const client = {} as Sluice;

describe('the types', () => {
  it('of completion() follow from stream', () => {
    const calls = () => [
      expectTypeOf(completion({ ...params, stream: true })).toEqualTypeOf<CompletionStream>(),
      expectTypeOf(completion({ ...params, stream: false })).toEqualTypeOf<Promise<ChatCompletion>>(),
      expectTypeOf(completion(params)).toEqualTypeOf<Promise<ChatCompletion>>(),
      expectTypeOf(completion(either)).toEqualTypeOf<CompletionStream | Promise<ChatCompletion>>(),
    ];
    expectTypeOf(calls).toBeFunction();
    expectTypeOf(client.completion).toEqualTypeOf<typeof completion>();
  });

  it('of acompletion() do as well', () => {
    const calls = () => [
      expectTypeOf(acompletion({ ...params, stream: true })).toEqualTypeOf<Promise<CompletionStream>>(),
      expectTypeOf(acompletion({ ...params, stream: false })).toEqualTypeOf<Promise<ChatCompletion>>(),
      expectTypeOf(acompletion(params)).toEqualTypeOf<Promise<ChatCompletion>>(),
      expectTypeOf(acompletion(either)).toEqualTypeOf<Promise<CompletionStream | ChatCompletion>>(),
    ];
    expectTypeOf(calls).toBeFunction();
  });

  it('know what chunks are', () => {
    const read = async (stream: CompletionStream) => {
      for await (const chunk of stream) {
        expectTypeOf(chunk).toEqualTypeOf<ChatCompletionChunk>();
        expectTypeOf(chunk.choices[0]?.delta).toEqualTypeOf<ChunkDelta | undefined>();
        expectTypeOf(chunk.choices[0]?.delta.content).toEqualTypeOf<string | null | undefined>();
      }
    };
    expectTypeOf(read).returns.resolves.toBeVoid();
  });

  it('find mistakes in requests', () => {
    const wrong = () => [
      // @ts-expect-error: every run is another batch, whatever key it had
      client.batches.run([], { idempotencyKey: 'nightly' }),
      // @ts-expect-error: a model has to be named
      completion({ messages: [] }),
      // @ts-expect-error: no such field
      completion({ model: 'm', messages: [], temprature: 1 }),
      // @ts-expect-error: no such role
      completion({ model: 'm', messages: [{ role: 'robot', content: '' }] }),
      // @ts-expect-error: a tool's answer names its call
      completion({ model: 'm', messages: [{ role: 'tool', content: '' }] }),
      // @ts-expect-error: seconds
      completion({ model: 'm', messages: [], timeout: '1s' }),
      completion({ model: 'm', messages: [], extra_body: { anything: 1 } }),
      completion({ model: 'm', messages: [], temperature: null, stream: null }),
    ];
    expectTypeOf(wrong).toBeFunction();
  });

  it('of jobs carry the type of their result', () => {
    const calls = async () => {
      const job = await client.jobs.submit({ body: { model: 'm', messages: [] } });
      expectTypeOf(job).toEqualTypeOf<Job>();
      expectTypeOf(await job.result()).toEqualTypeOf<ChatCompletion>();
      const other = await client.jobs.submit<{ output: string }, object>({ url: '/v1/responses', body: {} });
      expectTypeOf(await other.result()).toEqualTypeOf<{ output: string }>();
      for await (const delta of job.stream()) expectTypeOf(delta).toEqualTypeOf<JobDelta>();
      expectTypeOf(await client.jobs.list()).toEqualTypeOf<Page<JobObject>>();
      for await (const each of client.jobs.list()) expectTypeOf(each).toEqualTypeOf<JobObject>();
      // @ts-expect-error: no such status
      client.jobs.list({ status: 'done' });
    };
    expectTypeOf(calls).toBeFunction();
  });

  it('tell loggers what they get', () => {
    const log = (call: LoggedCall) => call.log_event_type;
    expectTypeOf(log).returns.toEqualTypeOf<'pre_api_call' | 'post_api_call'>();
    expectTypeOf<CompletionParams['logger_fn']>().toExtend<((call: LoggedCall) => unknown) | undefined>();
  });
});
