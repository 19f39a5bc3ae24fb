import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's package `chromium`; another one by GATHER_TEST_CHROMIUM. */
export const BROWSER = process.env.GATHER_TEST_CHROMIUM ?? '/usr/bin/chromium';

/** A real browser without a window. Throws when none is installed. */
export async function startBrowser(): Promise<Browser> {
  if (!existsSync(BROWSER))
    throw new Error(`${BROWSER} is missing: apt-get install chromium, or set GATHER_TEST_CHROMIUM`);
  const browser = await chromium.launch({
    executablePath: BROWSER,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  browser.on('context', patient);
  return browser;
}

/** Chromium ends whatever it loads when a network of this machine comes or goes, as one does with each container: its pages try again. */
function patient(context: BrowserContext): void {
  context.on('page', (page) => {
    const goto = page.goto.bind(page);
    page.goto = async (...asked) => {
      for (let left = 5; ; left--) {
        try {
          return await goto(...asked);
        } catch (error) {
          if (left === 0 || !String(error).includes('net::ERR_NETWORK_CHANGED')) throw error;
        }
      }
    };
  });
}

/** What goes wrong on the pages of one origin from now on: failed requests, answers of 400 and more, errors that the browser itself writes to the console. */
export function troublesOf(page: Page, origin: string): string[] {
  const troubles: string[] = [];
  const own = (url: string) => url.startsWith(`${origin}/`);
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // a page that is left takes its running requests with it
    if (own(request.url()) && reason !== 'net::ERR_ABORTED') troubles.push(`${request.url()}: ${reason}`);
  });
  page.on('response', (response) => {
    if (own(response.url()) && response.status() >= 400)
      troubles.push(`${response.url()}: ${response.status()}`);
  });
  page.on('console', (message) => {
    const { url } = message.location();
    // browsers ask for this one by themselves
    if (message.type() === 'error' && own(url) && !url.endsWith('/favicon.ico'))
      troubles.push(message.text());
  });
  return troubles;
}
