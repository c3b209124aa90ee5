import type { z } from 'zod';
import type { Endpoint } from './endpoint.ts';

/** A command that tries an endpoint out, as Markdown. */
export function curlOf({ method, path, open, takes, answers }: Endpoint): string {
  const url = `http://127.0.0.1:4000${withExamples(path, takes?.path)}`;
  const form = takes?.form;
  const [body] = Object.values(takes?.examples ?? {});
  const streams = Object.values(answers).some(({ events }) => events !== undefined);
  const options = [
    ...(method === 'get' || body || form ? [] : [`-X ${method.toUpperCase()}`]),
    ...(open ? [] : ['-H "Authorization: Bearer $SLUICE_MASTER_KEY"']),
    ...Object.entries(form?.example ?? {}).map(([name, value]) => `-F '${name}=${value}'`),
    ...(body ? ["-H 'Content-Type: application/json'", `-d '${JSON.stringify(body)}'`] : []),
  ];
  const command = [`curl ${streams ? '-N ' : ''}${url}`, ...options].join(' \\\n  ');
  return `\`\`\`sh\n${command}\n\`\`\``;
}

function withExamples(path: string, parameters: z.ZodObject | undefined): string {
  return path.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const schema = parameters?.shape[name];
    const example: unknown = schema && 'meta' in schema ? schema.meta()?.example : undefined;
    return typeof example === 'string' ? example : whole;
  });
}
