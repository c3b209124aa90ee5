import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { isPublicAddress } from '../../src/outbound/public-address.ts';
import { MEDIA_LIMITS, MediaFetcher } from '../../src/providers/transport/media-fetcher.ts';
import { type Script, UpstreamServer } from '../support/upstream-server.ts';

const PNG = Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1');
const PNG_URI = `data:image/png;base64,${PNG.toString('base64')}`;
const LIMITS = { ...MEDIA_LIMITS, bytes: 1000, total: 2000, count: 3 };

let server: UpstreamServer;
let fetcher: MediaFetcher;

beforeAll(async () => {
  server = await UpstreamServer.start();
});
afterEach(async () => {
  await fetcher.close();
  server.exchanges.length = 0;
});
afterAll(() => server.stop());

function request(...urls: string[]): CompletionRequest {
  const content = urls.map((url) => ({ type: 'image_url', image_url: { url, detail: 'low' } }));
  return { model: 'm', messages: [{ role: 'user', content }] };
}

/** What becomes of the addresses in a request; this server alone counts as public. */
async function inline(asked: CompletionRequest, ...scripts: Script[]): Promise<CompletionRequest> {
  fetcher = new MediaFetcher({ allowed: (address) => address === '127.0.0.1', limits: LIMITS });
  server.script(...scripts);
  return fetcher.inline(asked, new AbortController().signal);
}

function image(body: string | Buffer = PNG, contentType = 'image/png'): Script {
  return { headers: { 'content-type': contentType }, steps: [body] };
}

describe('images that a request names by their address', () => {
  it('come as data URIs in place of the addresses, each fetched once, and all else stays', async () => {
    const [one, two] = [`${server.url}/1.png?a=b`, `${server.url}/2.png`];
    const asked = request(one, two, one);
    asked.messages.push({ role: 'user', content: 'hi' });
    const { messages } = await inline(asked, image());
    const part = { type: 'image_url', image_url: { url: PNG_URI, detail: 'low' } };
    expect(messages).toEqual([
      { role: 'user', content: [part, part, part] },
      { role: 'user', content: 'hi' },
    ]);
    expect(server.exchanges.map(({ path }) => path).sort()).toEqual(['/1.png?a=b', '/2.png']);
    expect(asked.messages[0]).toEqual(request(one, two, one).messages[0]);
  });

  it('may be files, and addresses without a map around them', async () => {
    const url = `${server.url}/f`;
    const content = [
      { type: 'image_url', image_url: url },
      { type: 'file', file: { file_id: url, filename: 'f.png' } },
    ];
    const { messages } = await inline({ model: 'm', messages: [{ role: 'user', content }] }, image());
    expect(messages[0]?.content).toEqual([
      { type: 'image_url', image_url: PNG_URI },
      { type: 'file', file: { file_data: PNG_URI, filename: 'f.png' } },
    ]);
  });

  it('are left alone where there is nothing to fetch, or the provider reads them itself', () => {
    fetcher = new MediaFetcher();
    const signal = new AbortController().signal;
    for (const asked of [request(PNG_URI), request('gs://bucket/a.png'), request()]) {
      expect(fetcher.inline(asked, signal)).toBe(asked);
    }
    const kept = request('https://www.youtube.com/watch?v=1');
    expect(fetcher.inline(kept, signal, (url) => url.includes('youtube'))).toBe(kept);
  });

  it('are what their bytes say, whatever their server says', async () => {
    const { messages } = await inline(request(`${server.url}/x`), image(PNG, 'application/octet-stream'));
    expect(messages[0]?.content).toEqual([{ type: 'image_url', image_url: { url: PNG_URI, detail: 'low' } }]);
  });

  it('are found behind redirects', async () => {
    const moved = { status: 302, headers: { location: '/there' }, steps: [] };
    await inline(request(`${server.url}/here`), moved, image());
    expect(server.exchanges.map(({ path }) => path)).toEqual(['/here', '/there']);
  });
});

describe('images are refused, by their place in the request', () => {
  const param = 'messages[0].content[0].image_url.url';

  it.each([
    ['a page', [image('<p>', 'text/html')], 'neither an image', false],
    ['bytes of no kind', [image('abc', '')], 'neither an image', false],
    ['what is too large', [image(Buffer.alloc(1001))], 'larger than 1000 bytes', false],
    ['what is not there', [{ status: 404, steps: [] }], 'answered 404', false],
    ['what fails', [{ status: 503, steps: [] }], 'answered 503', true],
    ['a broken connection', [{ before: 'reset', steps: [] }], 'could not be fetched', true],
    ['a circle', [{ status: 302, headers: { location: '/' }, steps: [] }], 'more than 3 times', false],
    [
      'a way out of http',
      [{ status: 302, headers: { location: 'file:///etc/passwd' }, steps: [] }],
      'else',
      false,
    ],
    [
      'a way into a private network',
      [{ status: 302, headers: { location: 'http://127.0.0.2/' }, steps: [] }],
      'not on the public internet',
      false,
    ],
  ] as const)('for %s', async (_name, scripts, why, retryable) => {
    const error = await inline(request(`${server.url}/secret`), ...scripts).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'invalid_image_url', param, retryable });
    expect((error as Error).message).toContain(why);
    expect((error as Error).message).not.toContain('secret');
  });

  it('for being too large together, which ends what is still on its way', async () => {
    const large = image(Buffer.concat([PNG, Buffer.alloc(900)]));
    server.choose = ({ path }) =>
      path === '/slow' ? { ...large, steps: [Buffer.alloc(900), 'hang'] } : large;
    const urls = ['/slow', '/1', '/2'].map((path) => server.url + path);
    const refused = expect(inline(request(...urls), image()));
    await refused.rejects.toThrow('all together are larger than 2000 bytes');
    await Promise.all(server.exchanges.filter(({ path }) => path === '/slow').map(({ closed }) => closed));
    server.choose = null;
  });

  it('for being too many', async () => {
    const urls = ['/1', '/2', '/3', '/4'].map((path) => server.url + path);
    await expect(inline(request(...urls), image())).rejects.toMatchObject({
      param: 'messages[0].content[3].image_url.url',
    });
  });

  it('when the call is given up', async () => {
    fetcher = new MediaFetcher({ allowed: () => true });
    server.script({ before: 'hang', steps: [] });
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const fetching = fetcher.inline(request(`${server.url}/slow`), controller.signal);
    const { closed } = await server.received(1);
    controller.abort(reason);
    await expect(fetching).rejects.toBe(reason);
    await closed;
  });

  it.each([
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://169.254.169.254/latest/meta-data',
    'http://10.1.2.3/',
    'http://100.64.0.1/',
    'http://[fd00::1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://localhost/',
  ])('at %s, without a call', async (url) => {
    fetcher = new MediaFetcher();
    const fetching = fetcher.inline(request(url), new AbortController().signal);
    await expect(fetching).rejects.toMatchObject({ code: 'invalid_image_url', retryable: false });
    await expect(fetching).rejects.toThrow('not on the public internet');
  });
});

describe('public addresses', () => {
  it.each([
    ['8.8.8.8', true],
    ['2606:4700::1', true],
    ['127.8.9.1', false],
    ['0.0.0.0', false],
    ['192.168.0.1', false],
    ['172.31.255.255', false],
    ['168.63.129.16', false],
    ['::ffff:168.63.129.16', false],
    ['168.63.129.17', true],
    ['::', false],
    ['::7f00:1', false],
    ['::10.0.0.1', false],
    ['fe80::1', false],
    ['::ffff:10.0.0.1', false],
    ['2002:7f00:1::', false],
    ['255.255.255.255', false],
    ['224.0.0.1', false],
    ['not an address', false],
  ])('%s: %s', (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });
});
