/** `npm run docs`: writes `docs/providers.md` from the providers' own descriptions. */
import { writeFile } from 'node:fs/promises';
import { MODULES } from '../src/providers/registry.ts';
import { PAGE, providerPage } from './provider-page.ts';

await writeFile(new URL(`../${PAGE}`, import.meta.url), providerPage(MODULES));
console.log(`wrote ${PAGE}: ${MODULES.length} providers`);
