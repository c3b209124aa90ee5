import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { eventually } from './eventually.ts';

/**
 * A tab of its own on a page of the examples, and all texts that it has shown, in order. The page must have no errors.
 */
export async function openPage(browser: Browser, url: string) {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  onTestFinished(() => expect(problems).toEqual([]));
  await page.addInitScript(recordTexts);
  await page.goto(url);
  return { page, texts: () => page.evaluate(() => (globalThis as { texts?: string[] }).texts ?? []) };
}

/** Runs in the page: remembers what the answer's element held after every change. */
function recordTexts(): void {
  const page = globalThis as unknown as { texts: string[]; document: Document; MutationObserver: Observer };
  page.texts = [];
  const observer = new page.MutationObserver(() => {
    const text = page.document.querySelector('output')?.textContent;
    if (text != null && text !== page.texts.at(-1)) page.texts.push(text);
  });
  observer.observe(page.document, { childList: true, characterData: true, subtree: true });
}

interface Document {
  querySelector(selector: string): { readonly textContent: string | null } | null;
}
type Observer = new (callback: () => void) => { observe(target: object, options: object): void };

/** Asks something. */
export async function ask(page: Page): Promise<void> {
  await page.getByPlaceholder('Ask something').fill('What does it say?');
  await page.getByRole('button', { name: 'Ask' }).click();
}

/** The answer so far. */
export const textOf = async (page: Page): Promise<string> =>
  (await page.locator('output').textContent()) ?? '';
/** What stands below the answer: its status, or what went wrong. */
export const status = (page: Page): Promise<string> => page.locator('small').innerText();
/** Waits for so much of an answer. */
export const textLongerThan = (page: Page, length: number): Promise<string> =>
  eventually(`more than ${length} characters`, async () => {
    const text = await textOf(page);
    return text.length > length && text;
  });

/** Waits for exactly this answer. */
export const textIs = async (page: Page, text: string): Promise<void> => {
  let last = '';
  const look = async (): Promise<boolean> => {
    last = await textOf(page);
    return last === text;
  };
  await eventually(`the text '${text}'`, look, { describe: () => last });
};
