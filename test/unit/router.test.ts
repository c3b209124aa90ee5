import { describe, expect, test } from 'vitest';
import { Router } from '../../src/routing/router.ts';
import { deployment } from '../support/provider-calls.ts';

const NONE: ReadonlySet<string> = new Set();

/** Groups by name, each with one deployment for every model given. */
function routerOf(groups: Readonly<Record<string, readonly string[]>>): Router {
  return new Router(
    Object.entries(groups).map(([name, models]) => ({
      name,
      deployments: models.map((model, index) => deployment({ id: `${name}#${index + 1}`, model })),
    })),
  );
}

/** The group of a model and what its first deployment is asked for. */
function routeOf(router: Router, model: string): [string, string | undefined] | null {
  const group = router.groupOf(model);
  return group && [group.name, router.pick(group.name, model, NONE)?.model];
}

describe('the group of a model', () => {
  const router = routerOf({
    'gpt-4o-mini': ['exact'],
    'openai/o3': ['o3-2025-04-16'],
    'openai/*': ['*'],
    'openai/ft/*': ['mine/*'],
    'anthropic/*': ['always-this'],
    'bedrock/*': ['*'],
    'x/*': ['org/*'],
  });

  test.each([
    ['gpt-4o-mini', 'gpt-4o-mini', 'exact'],
    ['openai/gpt-4o', 'openai/*', 'gpt-4o'],
    ['openai/gpt-4o-mini', 'openai/*', 'gpt-4o-mini'],
    ['openai/ft/a', 'openai/ft/*', 'mine/a'],
    ['x/y/z', 'x/*', 'org/y/z'],
  ])('%s is named by it', (model, group, asked) => {
    expect(routeOf(router, model)).toEqual([group, asked]);
  });

  test.each([
    ['gpt-4o', 'openai/*', 'gpt-4o'],
    ['o3', 'openai/o3', 'o3-2025-04-16'],
    ['ft:gpt-4o:org::1', 'openai/*', 'ft:gpt-4o:org::1'],
    ['claude-sonnet-4-5', 'anthropic/*', 'always-this'],
    ['us.amazon.nova-pro-v1:0', 'bedrock/*', 'us.amazon.nova-pro-v1:0'],
    [
      'arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-lite-v1:0',
      'bedrock/*',
      'arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-lite-v1:0',
    ],
  ])('%s is told by its name', (model, group, asked) => {
    expect(routeOf(router, model)).toEqual([group, asked]);
  });

  test.each(['llama', 'gemini-2.5-pro', 'x/', 'openai/', '*', ''])('%j is of none', (model) => {
    expect(routeOf(router, model)).toBeNull();
  });

  test('may keep its characters, whatever they mean elsewhere', () => {
    expect(routeOf(router, 'x/$&')).toEqual(['x/*', 'org/$&']);
  });
});

describe('the deployment', () => {
  test('is the next in turn, but for those to avoid', () => {
    const router = routerOf({ a: ['one', 'two', 'three'] });
    const picks = (avoid: ReadonlySet<string>) => router.pick('a', 'a', avoid)?.model;
    expect([picks(NONE), picks(NONE), picks(NONE), picks(NONE)]).toEqual(['one', 'two', 'three', 'one']);
    expect([picks(new Set(['a#1'])), picks(new Set(['a#1', 'a#3']))]).toEqual(['two', 'two']);
    expect(picks(new Set(['a#1', 'a#2', 'a#3']))).toBeUndefined();
    expect(router.offers('a', new Set(['a#1', 'a#2']))).toBe(true);
    expect(router.offers('a', new Set(['a#1', 'a#2', 'a#3']))).toBe(false);
  });

  test('is of no group that is gone', () => {
    expect(routerOf({ a: ['one'] }).pick('b', 'b', NONE)).toBeNull();
  });
});

describe('names near an unknown one', () => {
  const router = routerOf({ 'gpt-mine': ['a'], 'openai/*': ['*'], 'xai/*': ['*'], 'anthropic/*': ['*'] });

  test.each([
    ['opnai/gpt-4o', 'openai/gpt-4o'],
    ['zz/gpt-4o', 'openai/gpt-4o'],
    ['zz/claude-opus-4-1', 'anthropic/claude-opus-4-1'],
    ['antropic/foo', 'anthropic/foo'],
    ['gtp-mine', 'gpt-mine'],
  ])('of %s begin with %s', (model, first) => {
    expect(router.nearest(model)[0]).toBe(first);
    expect(router.nearest(model)).toHaveLength(3);
  });
});
