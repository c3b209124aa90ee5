import { z } from 'zod';
import { PAGE_FILES } from '../docs/files.ts';
import type { Endpoint } from './endpoint.ts';

const readiness = z
  .strictObject({
    status: z.enum(['ok', 'unavailable']),
    redis: z.enum(['ok', 'unreachable']),
    workers: z.int().meta({ description: 'Workers that are alive.' }),
  })
  .meta({ id: 'Readiness' });

const UNCHANGED = { description: 'It is still the one with this `ETag`.' };
const HTML = '<!doctype html>…';

/** Health, metrics, and the description of the API itself. */
export const operationEndpoints: readonly Endpoint[] = [
  {
    method: 'get',
    path: '/health/live',
    name: 'getLiveness',
    group: 'Operation',
    summary: 'Whether this process runs',
    open: true,
    answers: { 200: { description: 'It does.', json: z.strictObject({ status: z.literal('ok') }) } },
  },
  {
    method: 'get',
    path: '/health/ready',
    name: 'getReadiness',
    group: 'Operation',
    summary: 'Whether completions can be served',
    description: 'Redis answers, and at least one worker is alive.',
    open: true,
    answers: {
      200: { description: 'They can.', json: readiness },
      503: { description: 'They cannot.', json: readiness },
    },
  },
  {
    method: 'get',
    path: '/metrics',
    name: 'getMetrics',
    group: 'Operation',
    summary: 'Metrics for Prometheus',
    answers: {
      200: {
        description: 'The metrics.',
        other: { type: 'text/plain', example: 'sluice_workers_alive 1\n' },
      },
    },
  },
  {
    method: 'get',
    path: '/openapi.json',
    name: 'getOpenApi',
    group: 'Operation',
    summary: 'This description',
    open: true,
    answers: {
      200: { description: 'An OpenAPI 3.1 document.', json: z.looseObject({ openapi: z.string() }) },
      304: UNCHANGED,
    },
  },
  {
    method: 'get',
    path: '/docs',
    name: 'getDocs',
    group: 'Operation',
    summary: 'This description as a page',
    open: true,
    answers: {
      200: { description: 'A page.', other: { type: 'text/html', example: HTML } },
      304: UNCHANGED,
    },
  },
  {
    method: 'get',
    path: '/docs/{file}',
    name: 'getDocsFile',
    group: 'Operation',
    summary: 'A script or a style of that page',
    open: true,
    takes: { path: z.object({ file: z.enum(Object.keys(PAGE_FILES)) }) },
    answers: {
      200: { description: 'The file.', other: { type: '*/*', example: '' } },
      304: UNCHANGED,
    },
    errors: ['unknown_url'],
  },
];
