import { describe, expect, it } from 'vitest';
import { openApiSchema } from '../../src/providers/formats/gemini/schema.ts';

describe('a JSON schema in Google’s subset of OpenAPI', () => {
  it('keeps what both have, and drops what would be refused', () => {
    expect(
      openApiSchema({
        $schema: 'http://json-schema.org/draft-07/schema#',
        $id: 'x',
        title: 'T',
        type: 'object',
        strict: true,
        additionalProperties: false,
        properties: {
          type: { type: 'string', minLength: 1, format: 'email' },
          when: { type: 'string', format: 'date-time' },
          list: { type: 'array', items: { type: 'integer', minimum: 0, exclusiveMaximum: 9 }, maxItems: 3 },
        },
        required: ['type'],
      }),
    ).toEqual({
      title: 'T',
      type: 'OBJECT',
      properties: {
        type: { type: 'STRING', minLength: 1 },
        when: { type: 'STRING', format: 'date-time' },
        list: { type: 'ARRAY', items: { type: 'INTEGER', minimum: 0 }, maxItems: 3 },
      },
      required: ['type'],
    });
  });

  it('says null, values and alternatives in Google’s words', () => {
    const properties = {
      a: { type: ['string', 'null'] },
      b: { type: ['string', 'number'] },
      c: { anyOf: [{ type: 'integer', description: 'own' }, { type: 'null' }], description: 'C' },
      d: { oneOf: [{ type: 'string' }, { type: 'object' }] },
      e: { const: 'x' },
      f: { type: 'integer', enum: [1, 2], description: 'F.' },
      g: { enum: ['x', null] },
    };
    expect(openApiSchema({ properties }).properties).toEqual({
      a: { type: 'STRING', nullable: true },
      b: { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }] },
      c: { type: 'INTEGER', nullable: true, description: 'C' },
      d: { anyOf: [{ type: 'STRING' }, { type: 'OBJECT' }] },
      e: { type: 'STRING', enum: ['x'] },
      f: { type: 'INTEGER', description: 'F. One of: 1, 2.' },
      g: { type: 'STRING', enum: ['x'], nullable: true },
    });
  });

  it('puts what references name in their place, and ends those that go round', () => {
    const schema = {
      $ref: '#/$defs/Node',
      $defs: {
        Node: {
          type: 'object',
          properties: {
            name: { $ref: '#/definitions/a~1b' },
            next: { $ref: '#/$defs/Node', description: 'N' },
          },
        },
      },
      definitions: { 'a/b': { type: 'string' } },
    };
    expect(openApiSchema(schema)).toEqual({
      type: 'OBJECT',
      properties: { name: { type: 'STRING' }, next: { type: 'OBJECT', description: 'N' } },
    });
    expect(openApiSchema({ $ref: 'https://example.com/schema' })).toEqual({ type: 'OBJECT' });
    expect(openApiSchema({ $ref: '#/$defs/__proto__', $defs: {} })).toEqual({ type: 'OBJECT' });
    expect(openApiSchema({ $ref: '#/%zz' })).toEqual({ type: 'OBJECT' });
  });

  it('does not grow without end', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => {
        const $ref = `#/$defs/${index + 1}`;
        return [index, { type: 'object', properties: { a: { $ref }, b: { $ref } } }];
      }),
    );
    expect(JSON.stringify(openApiSchema({ $ref: '#/$defs/0', $defs })).length).toBeLessThan(1_000_000);
  });

  it('unites what `allOf` asks for', () => {
    const allOf = [
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
      { properties: { b: { type: 'string' } }, required: ['b'] },
    ];
    expect(openApiSchema({ allOf })).toEqual({
      type: 'OBJECT',
      properties: { a: { type: 'STRING' }, b: { type: 'STRING' } },
      required: ['a', 'b'],
    });
  });
});
