import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { SluiceProvider, useCompletion, useJob } from '../../src/react/index.ts';

/** Jobs in a browser are in test/examples; this is what a server renders, which has no page and no address. */
function Shown({ jobId }: { readonly jobId: string | null }) {
  const job = useJob(jobId);
  const { status, text } = useCompletion({ model: 'scripted/echo', key: 'answer' });
  return createElement('p', null, `${job.status} ${status}${text}`);
}

test.each([
  [null, '<p>idle idle</p>'],
  ['job_1', '<p>connecting idle</p>'],
])('a server renders the job %s', (jobId, html) => {
  const element = createElement(Shown, { jobId });
  expect(renderToString(element)).toBe(html);
  expect(renderToString(createElement(SluiceProvider, { baseURL: '/ai' }, element))).toBe(html);
});
