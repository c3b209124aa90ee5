// Runs in a browser: a page that follows the job that it is told to, `undefined` being no component at all.
import { createElement, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { SluiceProvider, useJob } from '../../src/react/index.ts';

/** What the test that opened the page may use. */
export interface UseJobPage {
  show(id: string | null | undefined): void;
  renders: number;
}

const page = globalThis as unknown as UseJobPage & { document: { body: never } };
page.renders = 0;

function Job({ id }: { readonly id: string | null }) {
  const { status, text } = useJob(id);
  page.renders += 1;
  return createElement('p', null, `${status}: ${text}`);
}

function App() {
  const [id, show] = useState<string | null | undefined>(null);
  page.show = show;
  return id === undefined ? 'nothing' : createElement(Job, { id });
}

createRoot(page.document.body).render(
  createElement(StrictMode, null, createElement(SluiceProvider, { baseURL: '/relay' }, createElement(App))),
);
