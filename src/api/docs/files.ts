import { fileURLToPath } from 'node:url';

/** A file of the page: where it lies and what it is. */
export interface PageFile {
  readonly path: string;
  readonly type: 'html' | 'css' | 'js' | 'svg';
}

/** A file of Swagger UI. Found by its name, because where packages are installed is the installer's business. */
const swaggerUi = (name: string): string => fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`));
const own = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The page at `/docs`. */
export const PAGE: PageFile = { path: own('page.html'), type: 'html' };

/** What the page loads, by its name under `/docs/`. Nothing else of the package is served. */
export const PAGE_FILES: Readonly<Record<string, PageFile>> = {
  'swagger-ui.css': { path: swaggerUi('swagger-ui.css'), type: 'css' },
  'swagger-ui-bundle.js': { path: swaggerUi('swagger-ui-bundle.js'), type: 'js' },
  'page.css': { path: own('page.css'), type: 'css' },
  'page.js': { path: own('page.js'), type: 'js' },
  'icon.svg': { path: own('icon.svg'), type: 'svg' },
};
