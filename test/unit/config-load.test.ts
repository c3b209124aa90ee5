import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadConfig, readConfig } from '../../src/config/load.ts';
import { providerOfModel } from '../../src/providers/model-names.ts';
import { PROVIDER_INFOS } from '../../src/providers/registry.ts';
import { OLLAMA, OPENAI, SCRIPTED } from '../support/provider-infos.ts';

const providers = [OPENAI, OLLAMA, SCRIPTED];
const MINIMAL = `
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: openai/gpt-4o
`;

describe('loadConfig', () => {
  let directory: string;
  const ollamaAnswers = vi.fn(async () => true);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-config-'));
    vi.spyOn(process, 'cwd').mockReturnValue(directory);
    ollamaAnswers.mockClear();
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(directory, { recursive: true });
  });

  test('reads the file that SLUICE_CONFIG names, and does not ask for Ollama', async () => {
    const file = join(directory, 'other.yaml');
    await writeFile(file, MINIMAL);
    const { config } = await loadConfig({ SLUICE_CONFIG: file }, { providers, ollamaAnswers });
    expect(config.modelGroups.map((group) => group.name)).toEqual(['gpt-4o']);
    expect(config.dataDir).toBe(join(directory, '.sluice'));
    expect(ollamaAnswers).not.toHaveBeenCalled();
  });

  test('does without sluice.yaml, and asks for Ollama then', async () => {
    const { config } = await loadConfig({}, { providers, ollamaAnswers });
    expect(config.modelGroups.map((group) => group.name)).toEqual(['scripted/*', 'ollama/*']);
    expect(ollamaAnswers).toHaveBeenCalledOnce();
    ollamaAnswers.mockResolvedValueOnce(false);
    const without = await loadConfig({}, { providers, ollamaAnswers });
    expect(without.config.modelGroups.map((group) => group.name)).toEqual(['scripted/*']);
  });

  test('reads sluice.yaml of the working directory, which must be readable if it is there', async () => {
    await writeFile(join(directory, 'sluice.yaml'), MINIMAL);
    const { config } = await loadConfig({}, { providers, ollamaAnswers });
    expect(config.modelGroups.map((group) => group.name)).toEqual(['gpt-4o']);
    expect(ollamaAnswers).not.toHaveBeenCalled();
    await rm(join(directory, 'sluice.yaml'));
    await mkdir(join(directory, 'sluice.yaml'));
    await expect(loadConfig({}, { providers, ollamaAnswers })).rejects.toThrow('sluice.yaml  is a directory');
  });

  test.each([
    ['200', async () => new Response('{"version":"0.9.0"}'), ['scripted/*', 'ollama/*']],
    ['404', async () => new Response('', { status: 404 }), ['scripted/*']],
    ['nothing', () => Promise.reject(new TypeError('fetch failed')), ['scripted/*']],
  ])('takes %s from port 11434 for an answer of Ollama, or not', async (_answer, answer, groups) => {
    const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(answer);
    const { config } = await loadConfig({}, { providers });
    expect(config.modelGroups.map((group) => group.name)).toEqual(groups);
    expect(fetching).toHaveBeenCalledExactlyOnceWith('http://127.0.0.1:11434/api/version', expect.anything());
  });

  test('reports a named file that is missing together with everything else', async () => {
    const file = join(directory, 'missing.yaml');
    const loading = loadConfig({ SLUICE_CONFIG: file, PORT: 'abc' }, { providers, ollamaAnswers });
    await expect(loading).rejects.toThrow(
      'The configuration has 2 mistakes:\n' +
        `  ${file}  does not exist, but SLUICE_CONFIG names it\n` +
        `  ${'environment'.padEnd(file.length)}  PORT  must be a whole number from 0 to 65535 (0: any free port)`,
    );
    expect(ollamaAnswers).not.toHaveBeenCalled();
  });

  test('reports a named directory', async () => {
    const loading = loadConfig({ SLUICE_CONFIG: directory }, { providers, ollamaAnswers });
    await expect(loading).rejects.toThrow(`${directory}  is a directory: SLUICE_CONFIG must name a file`);
  });

  test('names the file in front of each mistake', async () => {
    const file = join(directory, 'bad.yaml');
    await writeFile(file, `${MINIMAL}general_settings:\n  concurrency: many\n`);
    await expect(loadConfig({ SLUICE_CONFIG: file }, { providers })).rejects.toThrow(
      `The configuration has 1 mistake:\n  ${file}:7:16  general_settings.concurrency  must be a whole number of jobs from 1 to 100000`,
    );
  });
});

const readRoot = (name: string): Promise<string> =>
  readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

/** With what the documentation asks to be in the environment. */
function readDocumented(text: string) {
  const keys = ['OPENAI', 'GATEWAY', 'ANTHROPIC', 'AZURE', 'MISTRAL'].map((name) => [
    `${name}_API_KEY`,
    'sk-1',
  ]);
  const environment = { ...Object.fromEntries(keys), SLUICE_MASTER_KEY: 'sk-2' };
  return readConfig(text, environment, { providers: PROVIDER_INFOS, providerOfModel });
}

test('the configuration in the README works without warnings', async () => {
  const [, text = ''] = /```yaml\n(.*?)```/s.exec(await readRoot('README.md')) ?? [];
  const { config, warnings } = readDocumented(text);
  expect(warnings).toEqual([]);
  expect(config.modelGroups.map(({ name }) => name)).toEqual(['gpt-4o', 'claude', 'mistral/*']);
});

describe('sluice.example.yaml', () => {
  test('is a working configuration without warnings, and holds the defaults', async () => {
    const text = await readRoot('sluice.example.yaml');
    const { config, warnings } = readDocumented(text);
    expect(warnings).toEqual([]);
    expect(config.modelGroups.map((group) => `${group.name} ${group.deployments.length}`)).toEqual([
      'gpt-4o 2',
      'claude 1',
      'azure-gpt 1',
      'nova 1',
      'gemini 1',
      'llama 1',
      'ollama/* 1',
      'scripted/* 1',
    ]);
    const { limits, retries } = readConfig(MINIMAL, {}, { providers }).config;
    expect(config).toMatchObject({ limits, retries });
    const settings =
      'max_request_bytes max_output_bytes job_timeout result_ttl log_ttl stored_ttl max_lost_attempts concurrency';
    for (const name of settings.split(' ')) expect(text).toContain(`  ${name}: `);
  });
});
