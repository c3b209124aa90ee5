import { describe, expect, it } from 'vitest';
import type { CompletionRequest, RequestMessage } from '../../src/core/completion.ts';
import { bedrockConverse } from '../../src/providers/formats/bedrock-converse/format.ts';
import { encodeRequest } from '../support/encode-request.ts';

type Turns = readonly { readonly role: string; readonly content: readonly object[] }[];

function turns(messages: CompletionRequest['messages'], fields: Partial<CompletionRequest> = {}): Turns {
  const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
  return encodeRequest(bedrockConverse, model, { messages, ...fields }).messages as Turns;
}

/** The blocks of the only turn. */
function blocks(content: RequestMessage['content']): readonly object[] | undefined {
  return turns([{ role: 'user', content }])[0]?.content;
}

const uri = (mediaType: string) => `data:${mediaType};base64,YQ==`;
const file = (mediaType: string, filename?: string) => ({
  type: 'file',
  file: { file_data: uri(mediaType), ...(filename !== undefined && { filename }) },
});
const user = (content: string) => ({ role: 'user' as const, content });

describe('parts of content for Converse', () => {
  it.each([
    ['image/png', 'png'],
    ['image/jpeg', 'jpeg'],
    ['image/jpg', 'jpeg'],
    ['image/gif', 'gif'],
    ['image/webp', 'webp'],
  ])('an image of type %s is of format %s', (mediaType, format) => {
    const image = { type: 'image_url', image_url: { url: uri(mediaType) } };
    expect(blocks([image])).toEqual([{ image: { format, source: { bytes: 'YQ==' } } }]);
  });

  it.each([
    [
      file('application/pdf', 'Plan_für (A).v2.pdf'),
      { document: { format: 'pdf', name: 'Plan f r (A) v2' } },
    ],
    [file('text/plain'), { document: { format: 'txt', name: 'document' } }],
    [file('text/csv', '.csv'), { document: { format: 'csv', name: 'document' } }],
    [file('video/mp4', 'a.mp4'), { video: { format: 'mp4' } }],
    [file('image/png', 'a.png'), { image: { format: 'png' } }],
    [{ type: 'input_audio', input_audio: { data: 'YQ==', format: 'wav' } }, { audio: { format: 'wav' } }],
    [{ type: 'guarded_text', text: 'Check.' }, { guardContent: { text: { text: 'Check.' } } }],
  ])('%j is %j', (part, block) => {
    expect(blocks([part])?.[0]).toMatchObject(block);
  });

  it('puts a text beside documents, which may not be without, if there is none', () => {
    const document = { document: { format: 'txt' } };
    const said = { type: 'text', text: 'Sum it up.' };
    expect(blocks([file('text/plain')])).toMatchObject([document, { text: '(See the document.)' }]);
    expect(blocks([file('text/plain'), said])).toMatchObject([document, { text: 'Sum it up.' }]);
  });

  it('leaves documents within results alone', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const tool_calls = [{ id: 'a', type: 'function', function: { name: 'f', arguments: '' } }];
    const result = { role: 'tool' as const, tool_call_id: 'a', content: [file('text/plain')] };
    const made = turns([user('?'), { role: 'assistant', tool_calls }, result], { tools });
    const document = { document: { format: 'txt' } };
    expect(made[2]?.content).toMatchObject([{ toolResult: { content: [document] } }]);
  });

  it('gives documents of one name several', () => {
    const names = blocks([file('text/plain', 'a.txt'), file('text/csv', 'a.csv'), file('text/plain', 'a')]);
    expect(names?.slice(0, 3)).toMatchObject([
      { document: { name: 'a' } },
      { document: { name: 'a (2)' } },
      { document: { name: 'a (3)' } },
    ]);
  });

  it.each([
    [{ type: 'image_url', image_url: { url: uri('image/tiff') } }, 'unsupported_value', ''],
    [{ type: 'image_url', image_url: { url: uri('application/pdf') } }, 'unsupported_value', ''],
    [file('application/zip'), 'unsupported_value', ''],
    [{ type: 'file', file: { file_id: 'file-1' } }, 'unsupported_value', ''],
    [{ type: 'image_url', image_url: { url: 'gs://bucket/a.png' } }, 'invalid_value', ''],
    [{ type: 'image_url', image_url: { url: 'a.png' } }, 'invalid_value', '.image_url.url'],
    [{ type: 'hologram' }, 'unsupported_value', '.type'],
  ])('%j is refused', (part, code, place) => {
    const param = `messages[0].content[1]${place}`;
    expect(() => blocks([{ type: 'text', text: 'a' }, part])).toThrow(
      expect.objectContaining({ code, param }),
    );
  });

  it('refuses a system of anything but text', () => {
    const image = { type: 'image_url', image_url: { url: uri('image/png') } };
    const told = () => turns([{ role: 'system', content: [image] }, user('a')]);
    expect(told).toThrow(expect.objectContaining({ param: 'messages[0].content' }));
  });
});
