import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { responsesFormat } from '../../src/providers/formats/openai-responses/format.ts';
import { PreparedRequest } from '../../src/providers/request/prepared-request.ts';
import { deployment, userRequest } from '../support/provider-calls.ts';

function toolsOf(fields: Partial<CompletionRequest>): { tools?: unknown; tool_choice?: unknown } {
  const { supports, ownTools, encode } = responsesFormat();
  const call = { deployment: deployment(), model: 'gpt-5-pro' };
  const body = { ...encode(new PreparedRequest(userRequest('hi', fields), call, supports, ownTools)) };
  const { tools, tool_choice } = body as { tools?: unknown; tool_choice?: unknown };
  return { ...(tools !== undefined && { tools }), ...(tool_choice !== undefined && { tool_choice }) };
}

const LOOK = { type: 'function', function: { name: 'look' } };
const STOP = { type: 'function', function: { name: 'stop' } };
const FLAT_LOOK = {
  type: 'function',
  name: 'look',
  parameters: { type: 'object', properties: {} },
  strict: false,
};
const SEARCH = { type: 'web_search', search_context_size: 'low' };

describe('tools', () => {
  it('are flat, and strict only where they say so', () => {
    const parameters = { type: 'object', properties: { at: { type: 'string' } } };
    const full = { name: 'go', description: 'Goes.', parameters, strict: true };
    expect(toolsOf({ tools: [LOOK, { type: 'function', function: full }] })).toEqual({
      tools: [FLAT_LOOK, { type: 'function', ...full }],
    });
    expect(toolsOf({ functions: [{ name: 'look' }], function_call: { name: 'look' } } as object)).toEqual({
      tools: [FLAT_LOOK],
      tool_choice: { type: 'function', name: 'look' },
    });
  });

  it('may be OpenAI’s own, as they are', () => {
    const mcp = { type: 'mcp', server_label: 'a', server_url: 'https://a.test' };
    expect(toolsOf({ tools: [mcp, LOOK, SEARCH] })).toEqual({ tools: [FLAT_LOOK, mcp, SEARCH] });
  });

  it('cannot be custom ones, whose calls are not JSON', () => {
    const custom = { type: 'custom', custom: { name: 'sql' } };
    expect(() => toolsOf({ tools: [custom] })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'tools[0].type' }),
    );
    expect(toolsOf({ tools: [custom, LOOK], drop_params: true })).toEqual({ tools: [FLAT_LOOK] });
  });

  it('have the search that chat completions ask for by a field', () => {
    const place = { type: 'approximate', approximate: { country: 'DE', city: 'Berlin' } };
    const options = { search_context_size: 'high', user_location: place };
    expect(toolsOf({ web_search_options: options } as object)).toEqual({
      tools: [
        {
          type: 'web_search',
          search_context_size: 'high',
          user_location: { type: 'approximate', country: 'DE', city: 'Berlin' },
        },
      ],
    });
    expect(toolsOf({ web_search_options: {}, tool_choice: 'required' } as object)).toEqual({
      tools: [{ type: 'web_search' }],
      tool_choice: 'required',
    });
  });
});

describe('tool_choice', () => {
  const tools = [LOOK, STOP, SEARCH];

  it.each([
    ['auto', 'auto'],
    ['none', 'none'],
    ['required', 'required'],
    ['any', 'required'],
    [
      { type: 'function', function: { name: 'stop' } },
      { type: 'function', name: 'stop' },
    ],
    [
      { type: 'function', name: 'stop' },
      { type: 'function', name: 'stop' },
    ],
    [{ type: 'web_search' }, { type: 'web_search' }],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [STOP, { type: 'web_search' }] } },
      {
        type: 'allowed_tools',
        mode: 'required',
        tools: [{ type: 'function', name: 'stop' }, { type: 'web_search' }],
      },
    ],
    [
      { type: 'allowed_tools', tools: [{ type: 'function', name: 'stop' }] },
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'stop' }] },
    ],
  ])('%j is %j, and all tools stay', (asked, tool_choice) => {
    const body = toolsOf({ tools, tool_choice: asked });
    expect(body).toMatchObject({ tool_choice, tools: [{ name: 'look' }, { name: 'stop' }, SEARCH] });
  });

  it('is refused where nobody knows it', () => {
    const refusal = expect.objectContaining({ code: 'unsupported_value', param: 'tool_choice' });
    expect(() => toolsOf({ tools, tool_choice: 'perhaps' })).toThrow(refusal);
    const unknown = { type: 'function', function: { name: 'fly' } };
    expect(() => toolsOf({ tools, tool_choice: unknown })).toThrow(refusal);
    expect(toolsOf({ tools, tool_choice: unknown, drop_params: true })).not.toHaveProperty('tool_choice');
  });

  it('is nothing without tools', () => {
    expect(toolsOf({ tool_choice: 'auto', tools: [] })).toEqual({});
    expect(toolsOf({ tools: [SEARCH], tool_choice: 'any' })).toEqual({
      tools: [SEARCH],
      tool_choice: 'required',
    });
  });
});
