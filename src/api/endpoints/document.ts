import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiMediaTypeObject,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';
import { curlOf } from './curl.ts';
import { type Answer, type Endpoint, type FormBody, GROUPS } from './endpoint.ts';
import { errorsOf } from './errors.ts';
import { errorSchemaOf } from './schemas/error.ts';

const ABOUT =
  'Sluice runs completions as durable jobs: what is accepted is settled, whatever dies in between, and every stream ' +
  'can be resumed.\n\nEvery answer has an `x-request-id`. A path that answers GET also answers HEAD. Errors have ' +
  'OpenAI’s shape, under `/v1/messages` Anthropic’s. The examples are for the scripted provider, which needs no key ' +
  'and answers the same every time.';

/** The OpenAPI 3.1 document of the endpoints. */
export function openApiDocument(endpoints: readonly Endpoint[]): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operationOf(endpoint) };
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: {
      title: 'Sluice',
      version: version(),
      description: ABOUT,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: Object.entries(GROUPS).map(([name, description]) => ({ name, description })),
    security: [{ bearer: [] }, { apiKey: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'The master key, as OpenAI’s clients send it. Without one, Sluice takes any.',
        },
        apiKey: {
          type: 'apiKey',
          in: 'header',
          name: 'x-api-key',
          description: 'The master key, as Anthropic’s clients send it.',
        },
      },
    },
  };
  return createDocument(document, { override: withoutSafeBounds });
}

/** What zod says of every whole number, and nobody wants to read. */
function withoutSafeBounds({
  jsonSchema,
}: {
  readonly jsonSchema: { minimum?: unknown; maximum?: unknown };
}): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

function version(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  return z.object({ version: z.string() }).parse(manifest).version;
}

function operationOf(endpoint: Endpoint): ZodOpenApiOperationObject {
  const { takes = {}, description = '' } = endpoint;
  const { path, query, headers: header, body, form, examples = {} } = takes;
  return {
    operationId: endpoint.name,
    tags: [endpoint.group],
    summary: endpoint.summary,
    description: `${description}\n\n${curlOf(endpoint)}`.trim(),
    ...(endpoint.open && { security: [] }),
    requestParams: { ...(path && { path }), ...(query && { query }), ...(header && { header }) },
    ...(body && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: body,
            examples: Object.fromEntries(
              Object.entries(examples).map(([summary, value], index) => [
                `example-${index + 1}`,
                { summary, value },
              ]),
            ),
          },
        },
      },
    }),
    ...(form && { requestBody: { required: true, content: { 'multipart/form-data': formOf(form) } } }),
    responses: { ...answersOf(endpoint), ...refusalsOf(endpoint) },
  };
}

/** Objects in forms are written as in queries: `name[key]`. */
function formOf({ file, fields }: FormBody): ZodOpenApiMediaTypeObject {
  const bytes = z.string().meta({ format: 'binary', description: 'The file, as a part with a filename.' });
  const nested = Object.keys(fields.shape).filter(
    (name) => unwrapped(fields.shape[name]) instanceof z.ZodObject,
  );
  return {
    schema: fields.extend({ [file]: bytes }),
    ...(nested.length > 0 && {
      encoding: Object.fromEntries(nested.map((name) => [name, { style: 'deepObject', explode: true }])),
    }),
  };
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? schema.unwrap() : schema;
}

function answersOf({ answers }: Endpoint): Record<string, ZodOpenApiResponseObject> {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)]));
}

const REQUEST_ID = z.object({
  'x-request-id': z.string().meta({ description: 'Names this request in the log.', example: 'req_…' }),
});

function answerOf({ description, headers, json, events, other }: Answer): ZodOpenApiResponseObject {
  return {
    description,
    headers: headers ? REQUEST_ID.extend(headers.shape) : REQUEST_ID,
    ...((json || events || other) && {
      content: {
        ...(json && { 'application/json': { schema: json } }),
        ...(events && { 'text/event-stream': { schema: z.string(), example: events } }),
        ...(other && { [other.type]: { schema: z.string(), example: other.example } }),
      },
    }),
  };
}

function refusalsOf(endpoint: Endpoint): Record<string, ZodOpenApiResponseObject> {
  const schema = errorSchemaOf(endpoint.path);
  const refusals = [...errorsOf(endpoint)].map(([status, codes]): [string, ZodOpenApiResponseObject] => [
    String(status),
    {
      description: codes.map((code) => `\`${code}\``).join(', '),
      headers: REQUEST_ID,
      content: { 'application/json': { schema } },
    },
  ]);
  return Object.fromEntries(refusals);
}
