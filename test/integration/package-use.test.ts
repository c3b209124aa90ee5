import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sharedBrowser } from '../support/browser.ts';
import { type InstalledPackage, installPackage } from '../support/installed-package.ts';
import { PRINTED, PROGRAM } from '../support/library-program.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const run = promisify(execFile);
const sluice = sharedSluice();
const page = sharedBrowser();
let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage();
});
afterAll(() => installed?.[Symbol.asyncDispose]());

test('the library is used from the package, in Node.js', async () => {
  const file = join(installed.project, 'program.js');
  await writeFile(file, `const baseURL = '${sluice.url}';\nconst print = console.log;\n${PROGRAM}`);
  const { stdout } = await run(process.execPath, [file], { cwd: installed.project });
  expect(JSON.parse(stdout)).toEqual(PRINTED);
});

test('the same without a server', async () => {
  const file = join(installed.project, 'local.js');
  const code = `
    import { acompletion } from 'sluice/local';
    const answer = await acompletion({ model: 'scripted/echo', messages: [{ role: 'user', content: 'alone' }] });
    console.log(answer.choices[0].message.content);`;
  await writeFile(file, code);
  const { stdout } = await run(process.execPath, [file], { cwd: installed.project });
  expect(stdout).toBe('alone\n');
});

test('the command is used from the package', async () => {
  const command = join(installed.project, 'node_modules/sluice/bin/sluice.js');
  const args = ['run', 'from the package', '-m', 'scripted/echo', '--base-url', sluice.url];
  const running = run(process.execPath, [command, ...args], { cwd: installed.project });
  running.child.stdin?.end();
  expect((await running).stdout).toBe('from the package\n');
});

test('the library is used from the package, in a browser, without a bundler', async () => {
  await using origin = await serveApp();
  const view = await page.browser.newPage();
  const errors: string[] = [];
  view.on('pageerror', ({ message }) => errors.push(message));
  await view.goto(origin.url);
  await view.waitForFunction('document.title !== ""').catch((error: Error) => errors.push(error.message));
  expect(errors).toEqual([]);
  expect(JSON.parse(await view.title())).toEqual(PRINTED);
  await view.close();
});

/** An app's server: a page, the modules of its project as they are, and Sluice behind `/v1`. */
async function serveApp(): Promise<{ url: string } & AsyncDisposable> {
  const imports = {
    sluice: '/node_modules/sluice/dist/client/index.js',
    'eventsource-parser': '/node_modules/eventsource-parser/dist/index.js',
    '@noble/hashes/': '/node_modules/@noble/hashes/',
  };
  const html = `<!doctype html>
    <link rel="icon" href="data:,">
    <script type="importmap">${JSON.stringify({ imports })}</script>
    <script type="module">
      const baseURL = '/';
      const print = (text) => { document.title = text; };
      ${PROGRAM}
    </script>`;
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/') {
      response.setHeader('Content-Type', 'text/html; charset=utf-8').end(html);
    } else if (pathname.startsWith('/node_modules/') && extname(pathname) === '.js') {
      const code = await readFile(join(installed.project, pathname));
      response.setHeader('Content-Type', 'text/javascript').end(code);
    } else {
      const body = request.method === 'POST' ? { body: request, duplex: 'half' as const } : {};
      const { host: _, connection: __, ...headers } = request.headers as Record<string, string>;
      const answer = await fetch(sluice.url + request.url, {
        method: request.method ?? 'GET',
        headers,
        ...body,
      });
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      for await (const bytes of answer.body ?? []) response.write(bytes);
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
