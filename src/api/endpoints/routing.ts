import type { Endpoint } from './endpoint.ts';

/** What a router needs to know of an endpoint. */
type Routed = Pick<Endpoint, 'method' | 'path' | 'slashes'>;

/** The methods that each path allows, as `Allow` lists them. Paths without parameters come first. */
export function allowedMethods(endpoints: readonly Routed[]): ReadonlyMap<RegExp, string> {
  const paths = [...Map.groupBy(endpoints, ({ path }) => path)].sort(
    ([a], [b]) => Number(a.includes('{')) - Number(b.includes('{')),
  );
  return new Map(
    paths.map(([path, methods]): [RegExp, string] => {
      const offered = new Set(methods.flatMap(({ method }) => METHODS[method]));
      const slashes = methods[0]?.slashes;
      return [
        patternOf({ path, ...(slashes && { slashes }) }),
        [...ORDER].filter((each) => offered.has(each)).join(', '),
      ];
    }),
  );
}

const METHODS = { get: ['GET', 'HEAD'], post: ['POST'], delete: ['DELETE'] } as const;
const ORDER = ['GET', 'HEAD', 'POST', 'DELETE'] as const;

function patternOf({ path, slashes }: Pick<Routed, 'path' | 'slashes'>): RegExp {
  const source = path
    .split(/\{(\w+)\}/)
    .map((part, index) => (index % 2 === 0 ? part.replaceAll('.', '\\.') : part === slashes ? '.+' : '[^/]+'))
    .join('');
  return new RegExp(`^${source}$`);
}

/** The path as Express writes it: `/v1/jobs/:id`. */
export function expressPath({ path, slashes }: Pick<Routed, 'path' | 'slashes'>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === slashes ? `*${name}` : `:${name}`));
}
