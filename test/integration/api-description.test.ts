import { tmpdir } from 'node:os';
import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, test } from 'vitest';
import { ApiServer } from '../../src/api/server.ts';
import { DiskBlobs } from '../../src/blobs/disk-blobs.ts';
import { readConfig } from '../../src/config/load.ts';
import { Files } from '../../src/files/files.ts';
import { createLogger } from '../../src/log.ts';
import { Metrics } from '../../src/metrics.ts';
import { Webhooks } from '../../src/notices/webhooks.ts';
import { TokenCounter } from '../../src/pricing/token-counter.ts';
import { PROVIDER_INFOS } from '../../src/providers/registry.ts';
import { ApiDocument, type Operation } from '../support/api-document.ts';
import { batchLines, uploadInput } from '../support/batches.ts';
import { rawHttp } from '../support/raw-http.ts';
import { sharedSluice } from '../support/shared-sluice.ts';
import { openStore } from '../support/stores.ts';

const KEY = 'sk-axolotl-0123456789';
const sluice = sharedSluice({ env: { SLUICE_MASTER_KEY: KEY }, secrets: [KEY] });
const keyless = sharedSluice();
let document: ApiDocument;

beforeAll(async () => {
  document = await ApiDocument.load(sluice.url);
});

const AUTHORIZED = { Authorization: `Bearer ${KEY}` };
/** Or `fetch` asks that no cache answers. */
const AGAIN = { 'Cache-Control': 'max-age=0' };
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${sluice.url}${path}`, { headers });

/** The answer of one operation, and what it has that is not described. */
async function ask(
  name: string,
  parameters: Record<string, string> = {},
  init: { body?: object; headers?: object } = {},
) {
  const operation = document.operation(name);
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, key: string) => parameters[key] ?? '');
  const response = await fetch(`${sluice.url}${path}${parameters.query ?? ''}`, {
    method: operation.method,
    headers: { ...AUTHORIZED, ...(init.body && { 'Content-Type': 'application/json' }), ...init.headers },
    ...(init.body && { body: JSON.stringify(init.body) }),
  });
  const text = await response.text();
  const { status, headers } = response;
  expect(document.complaints(operation, { status, type: headers.get('content-type'), text })).toEqual([]);
  return { status, text, type: headers.get('content-type') };
}

describe('/openapi.json', () => {
  test('is a valid OpenAPI 3.1 document', async () => {
    const validator = new Validator();
    const text = await (await get('/openapi.json')).text();
    expect(await validator.validate(JSON.parse(text))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('names every operation once', () => {
    const names = document.operations.map(({ operationId }) => operationId);
    expect(names).toEqual([...new Set(names)]);
  });

  test('needs no key, and is not sent twice', async () => {
    const first = await get('/openapi.json');
    expect([first.status, first.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[\w-]{43}"$/);
    const again = await get('/openapi.json', { ...AGAIN, 'If-None-Match': tag });
    expect([again.status, (await again.text()).length]).toEqual([304, 0]);
    const other = await get('/openapi.json', { ...AGAIN, 'If-None-Match': '"another"' });
    expect(other.status).toBe(200);
  });

  test('describes bodies by the schemas that check them', () => {
    const { requestBody } = document.operation('createJob');
    const schema = requestBody?.content['application/json']?.schema;
    expect(schema?.properties?.priority).toEqual({
      anyOf: [{ type: 'integer', minimum: 0, maximum: 2_097_151 }, { type: 'null' }],
    });
    expect(schema?.properties?.metadata?.anyOf?.[0]).toMatchObject({ type: 'object', maxProperties: 16 });
    const { parameters = [] } = document.operation('listJobs');
    expect(parameters.find(({ name }) => name === 'limit')?.schema).toEqual({
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 20,
    });
  });
});

describe('answers are as described', () => {
  test('every example of a request', async () => {
    // Those of what exists already need an id, and have tests of their own.
    const examples = document.operations
      .filter(({ path }) => !path.includes('{'))
      .flatMap((operation) =>
        Object.values(operation.requestBody?.content['application/json']?.examples ?? {}).map(
          ({ value }): [Operation, object] => [operation, value],
        ),
      );
    expect(examples.length).toBeGreaterThan(3);
    const input = await uploadInput(sluice.url, batchLines(2), AUTHORIZED);
    for (const [{ operationId }, example] of examples) {
      const body = { ...example, ...('input_file_id' in example && { input_file_id: input }) };
      const { status } = await ask(operationId, {}, { body });
      expect([200, 202], operationId).toContain(status);
    }
  });

  test('every operation on a job, and its errors', async () => {
    const body = { body: { model: 'scripted/lorem', messages: [{ role: 'user', content: 'go' }] } };
    const submitted = await ask('createJob', {}, { body, headers: { Prefer: 'wait=30' } });
    const { id } = JSON.parse(submitted.text);
    expect((await ask('getJob', { id, query: '?partial=true' })).status).toBe(200);
    expect((await ask('listJobs', { query: '?limit=1' })).status).toBe(200);
    expect((await ask('streamJobEvents', { id })).type).toBe('text/event-stream; charset=utf-8');
    expect((await ask('getJobResult', { id })).status).toBe(200);
    expect((await ask('cancelJob', { id })).status).toBe(200);
    expect((await ask('deleteJob', { id })).status).toBe(200);
    for (const name of ['getJob', 'streamJobEvents', 'getJobResult', 'cancelJob', 'deleteJob']) {
      expect((await ask(name, { id })).status).toBe(404);
    }
    expect((await ask('listJobs', { query: '?limit=many' })).status).toBe(400);
    const delayed = await ask('createJob', {}, { body: { ...body, delay: 60 } });
    const waiting = JSON.parse(delayed.text).id;
    expect((await ask('getJobResult', { id: waiting })).status).toBe(202);
    expect((await ask('deleteJob', { id: waiting })).status).toBe(409);
    expect((await ask('cancelJob', { id: waiting })).status).toBe(200);
    expect((await ask('getJobResult', { id: waiting })).status).toBe(409);
  });

  test.each([
    ['createChatCompletion', {}],
    ['listModels', {}],
    ['getModel', { model: 'scripted/echo' }],
    ['getLiveness', {}],
    ['getReadiness', {}],
    ['getMetrics', {}],
    ['getOpenApi', {}],
    ['getDocs', {}],
    ['getDocsFile', { file: 'page.js' }],
  ])('%s', async (name, parameters) => {
    const described = document.operation(name).requestBody;
    const { status } = await ask(name, parameters, described ? { body: {} } : {});
    expect(status).toBe(described ? 400 : 200);
  });
});

describe('the catalogue', () => {
  test('describes every route, and nothing that is not there', async () => {
    const { config } = readConfig(null, {}, { providers: PROVIDER_INFOS });
    const store = await openStore(sluice.redisUrl);
    const webhooks = await Webhooks.open(store, config.webhooks, createLogger('silent'));
    const server = new ApiServer({
      config,
      store,
      files: new Files(store.files, new DiskBlobs(tmpdir())),
      webhooks,
      logger: createLogger('silent'),
      metrics: new Metrics(),
      counter: new TokenCounter(),
    });
    const served = routesOf(server.app.router.stack as unknown as readonly Layer[]);
    await server.close(Promise.resolve());
    await webhooks.close();
    await store.close();
    const described = document.operations.map(({ method, path }) => `${method} ${path}`);
    expect(described.length).toBeGreaterThan(10);
    expect(
      served.filter((route) => !described.includes(route)),
      'served and not described',
    ).toEqual([]);
    expect(
      described.filter((route) => !served.includes(route)),
      'described and not served',
    ).toEqual([]);
  });

  test('says which methods a path allows', async () => {
    const paths = Map.groupBy(document.operations, ({ path }) => path);
    for (const [path, operations] of paths) {
      const url = `${sluice.url}${path.replaceAll(/\{\w+\}/g, 'some')}`;
      const offered = operations.map(({ method }) => method);
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        if (offered.includes(method)) continue;
        const answer = await fetch(url, { method, headers: AUTHORIZED });
        expect([method, path, answer.status]).toEqual([method, path, 405]);
        const allowed = answer.headers.get('allow')?.split(', ') ?? [];
        expect(allowed.filter((each) => each !== 'HEAD').sort()).toEqual(offered.sort());
        expect(allowed.includes('HEAD')).toBe(offered.includes('GET'));
      }
    }
  });
});

/** What the router of Express keeps of a route, or of a router within it. */
interface Layer {
  readonly route?: { readonly path: string | readonly string[]; readonly methods: object } | undefined;
  readonly handle: { readonly stack?: readonly Layer[] };
}

/** Every route, as the document writes it. */
function routesOf(stack: readonly Layer[]): string[] {
  const routes = stack.flatMap(({ route, handle }) => {
    if (route === undefined) return routesOf(handle.stack ?? []);
    const paths = [route.path].flat().map((path) => path.replaceAll(/[:*](\w+)/g, '{$1}'));
    return paths.flatMap((path) =>
      Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
  });
  return [...new Set(routes)];
}

test.each(['/openapi.json', '/docs', '/docs/page.js'])(
  '%s is open to every Host of a Sluice without a key',
  async (path) => {
    const lines = [`GET ${path} HTTP/1.1`, 'Host: elsewhere.example', 'Connection: close', '', ''];
    const answer = await rawHttp(keyless.url, lines.join('\r\n'));
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  },
);

describe('/docs', () => {
  test('is a page that loads from its own host only', async () => {
    const page = await get('/docs');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    const html = await page.text();
    const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '');
    expect(loaded.length).toBeGreaterThan(4);
    for (const address of loaded) {
      expect(address).toMatch(/^\/[^/]/);
      expect((await get(address)).status, address).toBe(200);
    }
  });

  test.each([
    ['page.js', 'text/javascript; charset=utf-8'],
    ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
    ['swagger-ui.css', 'text/css; charset=utf-8'],
    ['icon.svg', 'image/svg+xml'],
  ])('%s is %s', async (file, type) => {
    const answer = await get(`/docs/${file}`);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const head = await fetch(`${sluice.url}/docs/${file}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('etag')]).toEqual([200, answer.headers.get('etag')]);
  });

  test.each([
    'package.json',
    'index.html',
    'constructor',
    '..%2ffiles.ts',
    '%2e%2e',
    'files.ts',
    'page.html',
  ])('%s is not served', async (file) => {
    const answer = await get(`/docs/${file}`);
    expect(answer.status).toBe(file === '%2e%2e' ? 401 : 404);
  });
});
