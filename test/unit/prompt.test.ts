import { describe, expect, it } from 'vitest';
import type { CompletionRequest, RequestMessage } from '../../src/core/completion.ts';
import { PreparedRequest } from '../../src/providers/request/prepared-request.ts';
import { type Prompt, writePrompt } from '../../src/providers/request/prompt.ts';
import { deployment } from '../support/provider-calls.ts';

function prompt(
  messages: readonly RequestMessage[],
  { systemApart = false, ...fields }: Partial<CompletionRequest> & { systemApart?: boolean } = {},
): Prompt {
  const request = { model: 'm', messages: [...messages], ...fields };
  const call = { deployment: deployment({ provider: 'replicate' }), model: 'm' };
  return writePrompt(new PreparedRequest(request, call, new Set()), { systemApart });
}

const system = { role: 'system', content: 'Be brief.' } as const;
const user = { role: 'user', content: 'Hi?' } as const;
const assistant = { role: 'assistant', content: 'Hi.' } as const;

describe('a prompt', () => {
  it('is a single question as it is, behind what the system says', () => {
    expect(prompt([user]).text).toBe('Hi?');
    expect(prompt([system, user]).text).toBe('Be brief.\n\nHi?');
    expect(prompt([system, user], { systemApart: true })).toMatchObject({ text: 'Hi?', system: 'Be brief.' });
  });

  it('is a dialogue of anything longer, calls of tools and their results included', () => {
    const calls = [{ id: 'c', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }];
    const messages: RequestMessage[] = [
      { role: 'developer', content: 'Be brief.' },
      user,
      { ...assistant, tool_calls: calls },
      { role: 'tool', tool_call_id: 'c', content: [{ type: 'text', text: 'clear' }] },
    ];
    expect(prompt(messages).text).toBe(
      'System: Be brief.\n\nUser: Hi?\n\nAssistant: Hi.\nlook({"at":1})\n\nTool: clear\n\nAssistant:',
    );
    expect(prompt([user, { role: 'assistant', content: null, refusal: 'No.' }, user]).text).toBe(
      'User: Hi?\n\nAssistant: No.\n\nUser: Hi?\n\nAssistant:',
    );
    expect(prompt([assistant]).text).toBe('Assistant: Hi.\n\nAssistant:');
  });

  it('is written by LiteLLM’s template, whose keys go no further', () => {
    const role = (name: string) => ({ pre_message: `<${name}>`, post_message: '\n' });
    const template = {
      roles: { system: role('s'), user: role('u'), assistant: role('a') },
      bos_token: '^',
      initial_prompt_value: '\n',
      final_prompt_value: '<a>',
    };
    const {
      text,
      extras,
      system: apart,
    } = prompt([system, user, assistant, user], {
      ...template,
      top_k: 4,
      systemApart: true,
    });
    expect(text).toBe('^\n<s>Be brief.\n<u>Hi?\n<a>Hi.\n<u>Hi?\n<a>');
    expect(apart).toBe('');
    expect(extras).toEqual({ top_k: 4 });
  });

  it('has no place for anything but text', () => {
    const image = { type: 'image_url', image_url: { url: 'https://a.test/a.png' } };
    const messages: RequestMessage[] = [{ role: 'user', content: [{ type: 'text', text: 'Hi?' }, image] }];
    expect(() => prompt(messages)).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'messages[0].content[1]' }),
    );
    expect(prompt(messages, { drop_params: true }).text).toBe('Hi?');
  });
});
