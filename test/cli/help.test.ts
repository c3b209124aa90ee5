import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

describe('--help', () => {
  it.each([
    [],
    ['serve'],
    ['chat'],
    ['run'],
    ['submit'],
    ['tail'],
    ['get'],
    ['batch'],
    ['batch', 'run'],
    ['doctor'],
    ['config', 'check'],
  ])('of sluice %s %s', async (...path) => {
    const { code, stdout, stderr } = await runCommand([...path, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.startsWith(`Usage: sluice ${path.join(' ')}`)).toBe(true);
    expect(stdout).toContain('--base-url <url>');
    expect(stdout).toMatch(path.join(' ') === 'batch' ? /Commands:/ : /Examples:/);
  });

  it('has the exit codes, and comes by help as well', async () => {
    const { stdout } = await runCommand(['help']);
    expect(stdout).toContain('130  ctrl-C');
    expect((await runCommand(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('completion', () => {
  /** Presses tab behind these words, in a bash that has read our script. */
  function pressTab(...words: string[]): string[] {
    const script = `
      sluice() { "${process.execPath}" bin/sluice.js "$@"; }
      _get_comp_words_by_ref() { words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=\${words[cword]}; prev=\${words[cword-1]}; }
      source <(sluice completion bash)
      COMP_WORDS=(sluice "$@"); COMP_CWORD=$#
      __sluice_complete
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const out = execFileSync('bash', ['-c', script, 'bash', ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return out
      .trimEnd()
      .split('\n')
      .map((line) => line.trim());
  }

  it('works in bash', () => {
    expect(pressTab('ba')).toEqual(['batch']);
    expect(pressTab('batch', 'r')).toEqual(['run', 'retry']);
    expect(pressTab('list', '--status', 'c')).toEqual(['completed', 'cancelled']);
  });

  it.each(['zsh', 'fish'])('for %s calls the command back', async (shell) => {
    const { code, stdout } = await runCommand(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain('sluice complete --');
  });
});
