import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PAGE, providerPage } from '../../scripts/provider-page.ts';
import { readConfig } from '../../src/config/load.ts';
import type { Preset } from '../../src/providers/presets/preset.ts';
import { presetModule } from '../../src/providers/presets/preset.ts';
import { MODULES, PROVIDER_INFOS } from '../../src/providers/registry.ts';
import { formatOf } from '../support/formats.ts';

function fileAt(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

describe(PAGE, () => {
  it('says what the code says', () => {
    expect(fileAt(PAGE), `${PAGE} is out of date: write it again with \`npm run docs\``).toBe(
      providerPage(MODULES),
    );
  });

  it('shows a configuration that is one', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(providerPage(MODULES)) ?? [];
    const { config, warnings } = readConfig(
      yaml,
      { GROQ_API_KEY: 'gsk-1234567890' },
      { providers: PROVIDER_INFOS },
    );
    expect(warnings).toEqual([]);
    expect(config.modelGroups[0]?.deployments[0]).toMatchObject({
      provider: 'groq',
      apiKey: 'gsk-1234567890',
      dropParams: true,
      params: { temperature: 0.2, reasoning_format: 'parsed' },
    });
  });

  it('has a section for every provider, which the table leads to', () => {
    const page = providerPage(MODULES);
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading);
    const anchors = headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(' ', '-')
        .replace(/[^\p{L}\p{N}_-]/gu, ''),
    );
    expect(headings).toHaveLength(MODULES.length);
    expect(new Set(anchors).size).toBe(anchors.length);
    const links = [...page.matchAll(/^\| \[.*?\]\(#(.*?)\)/gm)].map(([, link]) => link);
    expect(links).toEqual(anchors);
  });

  it('says what a provider needs and what it cannot do', () => {
    const preset: Preset = {
      name: 'example',
      title: 'Example',
      apiBase: 'https://{place}.example.test/v1',
      keyVariables: ['EXAMPLE_API_KEY'],
      baseVariables: ['EXAMPLE_API_BASE'],
      settings: [
        { name: 'place', variables: ['EXAMPLE_PLACE'], about: 'where it is', required: 'without_base' },
      ],
      docs: 'https://docs.example.test',
      dialect: { unsupported: ['seed', 'n'], limits: [{ field: 'stop', why: 'stop must be short' }] },
      notes: ['It is an example.'],
    };
    expect(providerPage([presetModule(preset)])).toContain(`
## Example (\`example\`)

- Model: \`example/…\`
- Key: \`api_key\`, or \`EXAMPLE_API_KEY\`
- Address: \`api_base\`, or \`EXAMPLE_API_BASE\`
- Setting \`place\` (\`EXAMPLE_PLACE\`): where it is; required without an \`api_base\`
- Speaks OpenAI chat completions, without \`n\`, \`seed\`
- [Its documentation](https://docs.example.test)

What is peculiar to it, and what Sluice does about it:

- Without an \`api_base\`, calls go to \`https://{place}.example.test/v1\`.
- Some values are refused: stop must be short.
- It is an example.
`);
  });
});

describe('the vendor that CONTRIBUTING.md adds', () => {
  it('is a preset', () => {
    const example = /```ts\n(?<preset>\{\n {2}name: [\s\S]*?\n\}),?\n```/.exec(fileAt('CONTRIBUTING.md'));
    const text = example?.groups?.preset ?? '';
    const preset = new Function(`return (${text});`)() as Preset;
    const { info, about } = presetModule(preset);
    expect(info.keyVariables.length).toBeGreaterThan(0);
    expect(URL.canParse(info.apiBase ?? '')).toBe(true);
    expect(about.formats[0]?.supports.size).toBeLessThan(formatOf('openai_like').supports.size);
    const known = Object.keys({
      ...({ name: '', title: '', apiBase: '', keyVariables: [], docs: '' } satisfies Preset),
      baseVariables: [],
      dialect: {},
      notes: [],
    });
    expect(known).toEqual(expect.arrayContaining(Object.keys(preset)));
  });
});
