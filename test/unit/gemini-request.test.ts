import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { geminiFormat } from '../../src/providers/formats/gemini/format.ts';
import { PreparedRequest } from '../../src/providers/request/prepared-request.ts';
import { deployment } from '../support/provider-calls.ts';

type Messages = CompletionRequest['messages'];

const format = geminiFormat({ callIds: true });

function contentsOf(messages: Messages, model = 'gemini-2.5-pro', vertex = false) {
  const request = new PreparedRequest(
    { model: 'm', messages },
    { deployment: deployment(), model },
    format.supports,
  );
  const body = (vertex ? geminiFormat() : format).encode(request);
  return body as {
    systemInstruction?: unknown;
    contents: { role: string; parts: Record<string, unknown>[] }[];
  };
}

function partsOf(content: Messages[number]['content']): unknown {
  return contentsOf([{ role: 'user', content }]).contents[0]?.parts;
}

function called(id: string, name: string, args = '{}', more: object = {}) {
  return { id, type: 'function', function: { name, arguments: args }, ...more };
}

const USER: Messages[number] = { role: 'user', content: 'hi' };

describe('turns in Gemini’s format', () => {
  it('merges turns of one role, and puts the system’s apart, wherever it speaks', () => {
    const body = contentsOf([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'one' },
      { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ type: 'text', text: 'two' }] },
      { role: 'assistant', content: 'three' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'four' },
          { type: 'refusal', refusal: 'no' },
        ],
      },
      { role: 'assistant', content: '' },
    ]);
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: 'Be kind.' }, { text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'one' }, { text: 'two' }] },
        { role: 'model', parts: [{ text: 'three' }, { text: 'four' }, { text: 'no' }] },
      ],
    });
  });

  it('lets the system speak for the user where nobody else does', () => {
    expect(contentsOf([{ role: 'system', content: 'Write a poem.' }])).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Write a poem.' }] }],
    });
  });

  it('answers calls by the name of their function, with an object, in one turn', () => {
    const { contents } = contentsOf([
      USER,
      {
        role: 'assistant',
        content: null,
        tool_calls: [called('a', 'sky', '{"at":1}'), called('b', 'time', ''), called('c', 'list')],
      },
      { role: 'tool', tool_call_id: 'b', content: '12:00' },
      { role: 'tool', tool_call_id: 'a', content: '{"sky":"blue"}' },
      {
        role: 'tool',
        tool_call_id: 'c',
        content: [
          { type: 'text', text: '[1,' },
          { type: 'text', text: '2]' },
        ],
      },
      { role: 'user', content: 'and?' },
    ]);
    expect(contents.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'a', name: 'sky', args: { at: 1 } } },
          { functionCall: { id: 'b', name: 'time', args: {} } },
          { functionCall: { id: 'c', name: 'list', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'b', name: 'time', response: { result: '12:00' } } },
          { functionResponse: { id: 'a', name: 'sky', response: { sky: 'blue' } } },
          { functionResponse: { id: 'c', name: 'list', response: { result: [1, 2] } } },
          { text: 'and?' },
        ],
      },
    ]);
  });

  it('tells Vertex AI no ids of calls', () => {
    const messages: Messages = [
      { role: 'assistant', tool_calls: [called('a', 'sky')] },
      { role: 'tool', tool_call_id: 'a', content: 'blue' },
    ];
    expect(contentsOf(messages, 'gemini-2.5-pro', true).contents).toEqual([
      { role: 'model', parts: [{ functionCall: { name: 'sky', args: {} } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'sky', response: { result: 'blue' } } }] },
    ]);
  });

  it('gives Vertex AI the results in the order of the calls, as nothing else tells them apart', () => {
    const result = (id: string, content: string) => ({ role: 'tool' as const, tool_call_id: id, content });
    const { contents } = contentsOf(
      [
        USER,
        { role: 'assistant', tool_calls: [called('a', 'sky'), called('b', 'sky')] },
        result('b', 'grey'),
        result('a', 'blue'),
        { role: 'assistant', tool_calls: [called('c', 'sky')] },
        result('c', 'red'),
      ],
      'gemini-2.5-pro',
      true,
    );
    const told = contents.map(({ parts }) => parts.map(({ functionResponse: told }) => told));
    const sky = (colour: string) => ({ name: 'sky', response: { result: colour } });
    expect(told[2]).toEqual([sky('blue'), sky('grey')]);
    expect(told[4]).toEqual([sky('red')]);
  });

  it('puts an image that a tool gave into the result for Gemini 3, and beside it for others', () => {
    const image_url = { url: 'data:image/png;base64,AAAA' };
    const messages: Messages = [
      { role: 'assistant', tool_calls: [called('a', 'see')] },
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'image_url', image_url }] },
    ];
    const inlineData = { mimeType: 'image/png', data: 'AAAA' };
    const response = { id: 'a', name: 'see', response: { result: '' } };
    expect(contentsOf(messages).contents[1]?.parts).toEqual([{ functionResponse: response }, { inlineData }]);
    expect(contentsOf(messages, 'gemini-3-flash').contents[1]?.parts).toEqual([
      { functionResponse: { ...response, parts: [{ inlineData }] } },
    ]);
  });

  it.each([
    [{ role: 'tool', tool_call_id: 'x', content: '1' }, 'messages[1].tool_call_id'],
    [
      { role: 'assistant', tool_calls: [called('a', 'sky', '[1]')] },
      'messages[1].tool_calls[0].function.arguments',
    ],
    [
      { role: 'user', content: [{ type: 'file', file: { file_id: 'file-abc' } }] },
      'messages[1].content[0].file.file_id',
    ],
  ] satisfies [Messages[number], string][])(
    'refuses what makes no sense, naming its place',
    (message, param) => {
      expect(() => contentsOf([USER, message])).toThrow(
        expect.objectContaining({ code: 'invalid_value', param }),
      );
    },
  );
});

describe('signatures of thoughts', () => {
  const signed = { thought_signature: 'c2ln' };

  it.each([
    [{ provider_specific_fields: signed }],
    [{ function: { name: 'sky', arguments: '{}', provider_specific_fields: signed } }],
    [{ extra_content: { google: signed } }],
  ])('go back with their call, from wherever clients keep them', (more) => {
    const tool_calls = [called('a', 'sky', '{}', more), called('b', 'time')];
    const { contents } = contentsOf([USER, { role: 'assistant', tool_calls }], 'gemini-3-pro-preview');
    expect(contents[1]?.parts.map(({ thoughtSignature }) => thoughtSignature)).toEqual(['c2ln', undefined]);
  });

  it.each([
    ['gemini-3-pro-preview', 'skip_thought_signature_validator'],
    ['gemini-3.1-flash-lite', 'skip_thought_signature_validator'],
    ['gemini-flash-latest', 'skip_thought_signature_validator'],
    ['gemini-2.5-flash', undefined],
  ])('that are lost are replaced on the first call of a step, where %s checks them', (model, expected) => {
    const tool_calls = [called('a', 'sky'), called('b', 'time')];
    const { contents } = contentsOf([USER, { role: 'assistant', tool_calls }], model);
    expect(contents[1]?.parts.map(({ thoughtSignature }) => thoughtSignature)).toEqual([expected, undefined]);
  });

  it('of a text go back with its last part, but not those that belong to a call', () => {
    const own = { provider_specific_fields: { thought_signatures: ['old', 'c2ln'] } };
    const text = contentsOf([USER, { role: 'assistant', content: 'hello', ...own }]);
    expect(text.contents[1]?.parts).toEqual([{ text: 'hello', thoughtSignature: 'c2ln' }]);
    const empty = contentsOf([USER, { role: 'assistant', content: '', ...own }]);
    expect(empty.contents[1]?.parts).toEqual([{ text: '', thoughtSignature: 'c2ln' }]);
    const tool_calls = [called('a', 'sky', '{}', { provider_specific_fields: signed })];
    const both = contentsOf([USER, { role: 'assistant', content: 'hello', tool_calls, ...own }]);
    expect(both.contents[1]?.parts).toEqual([
      { text: 'hello' },
      { functionCall: { id: 'a', name: 'sky', args: {} }, thoughtSignature: 'c2ln' },
    ]);
  });
});

describe('media in Gemini’s format', () => {
  it('are sent as bytes', () => {
    const content = [
      { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,AAAA' } },
      { type: 'input_audio', input_audio: { data: 'BBBB', format: 'wav' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,CCCC', filename: 'a.pdf' } },
    ];
    expect(partsOf(content)).toEqual([
      { inlineData: { mimeType: 'image/jpeg', data: 'AAAA' } },
      { inlineData: { mimeType: 'audio/wav', data: 'BBBB' } },
      { inlineData: { mimeType: 'application/pdf', data: 'CCCC' } },
    ]);
  });

  const FILE = 'https://generativelanguage.googleapis.com/v1beta/files/abc-1';
  it.each([
    ['gs://bucket/a.png?x=1', undefined, 'image/png'],
    ['gs://bucket/a', 'application/pdf', 'application/pdf'],
    ['gs://bucket/a', undefined, undefined],
    ['https://www.youtube.com/watch?v=abc', undefined, 'video/mp4'],
    ['https://youtu.be/abc', undefined, 'video/mp4'],
    [FILE, 'audio/mp3', 'audio/mp3'],
  ])('that Google reads itself are named: %s', (url, said, mimeType) => {
    const fileData = { ...(mimeType && { mimeType }), fileUri: url };
    expect(partsOf([{ type: 'image_url', image_url: { url, format: said } }])).toEqual([{ fileData }]);
    expect(partsOf([{ type: 'file', file: { file_id: url, format: said } }])).toEqual([{ fileData }]);
    if (url.startsWith('https:')) expect(format.readsUrl?.(url)).toBe(true);
  });

  it('may be files of Google’s by their name, and everything else is fetched', () => {
    expect(partsOf([{ type: 'file', file: { file_id: 'files/abc-1' } }])).toEqual([
      { fileData: { fileUri: FILE } },
    ]);
    for (const url of [
      'https://example.com/youtube.com/a.png',
      'https://generativelanguage.googleapis.com/x',
    ]) {
      expect(format.readsUrl?.(url)).toBe(false);
    }
  });
});
