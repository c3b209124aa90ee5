import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Completions } from '../../src/client/completion/create-completions.ts';
import { createLocalCompletions } from '../../src/local/local-completions.ts';

/** Completions in this process as a configuration file has it; the file goes with the test. */
export function configured(config: object, environment: NodeJS.ProcessEnv = {}): Completions {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-local-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'sluice.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  return createLocalCompletions({ ...environment, SLUICE_CONFIG: file });
}

/** A deployment of a model of OpenAI's at this address. */
export function deployment(model_name: string, api_base: string, more: object = {}): object {
  return { model_name, litellm_params: { model: 'openai/gpt-4o', api_base, api_key: 'sk-test', ...more } };
}
