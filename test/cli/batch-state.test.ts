import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BatchStateFile } from '../../src/cli/batch-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-batch-state-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('BatchStateFile', () => {
  it('has one state, whoever claims it at once', async () => {
    const output = join(folder, 'out.jsonl');
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        new BatchStateFile(output).claim({ key: `key-${index}`, sha256: 'x' }),
      ),
    );
    expect(new Set(claims.map(({ key }) => key)).size).toBe(1);
    expect(await new BatchStateFile(output).read()).toEqual(claims[0]);
    expect(readdirSync(folder)).toEqual(['out.jsonl.sluice-batch']);
  });
});
