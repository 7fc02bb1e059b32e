// What the journeys share: a browser, users who are signed in, and checks. A journey talks with
// the Go test in lines of JSON: it reads what it is given, and writes what is wrong, notes, and
// requests, which the test answers.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const load = createRequire(process.env.BROWSER_PACKAGES);
const { chromium } = load('playwright-core');

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await lines.next()).value);
const write = (message) => process.stdout.write(JSON.stringify(message) + '\n');

export const given = await read();
export const wrong = (text) => write({ wrong: text });
export const note = (text) => write({ note: text });
export const ask = (what) => (write({ ask: what }), read());

export function check(what, got, want) {
  const is = want instanceof RegExp ? want.test(got) : got === want;
  if (!is) wrong(`${what}: got ${JSON.stringify(got)}, want ${want}`);
}

const browser = await chromium.connect(given.browser); // which all journeys share
const pages = [];

// context returns a new browser profile: narrow (a phone), dark, script: false (no JavaScript).
export async function context({ narrow, dark, script = true } = {}) {
  const c = await browser.newContext({
    baseURL: given.base, locale: 'es-MX', javaScriptEnabled: script, colorScheme: dark ? 'dark' : 'light',
    viewport: narrow ? { width: 390, height: 844 } : { width: 1366, height: 768 },
  });
  c.setDefaultTimeout(30000);
  c.on('page', (page) => { pages.push(page); watch(page); });
  return c;
}

// watch reports what must never happen on a page: errors of scripts and of the content security
// policy, dialogs, answers of the kind 5xx. Expect allows some of them for a while.
// Refusals are pages, though the browser notes their status; htmx notes that a preview was left.
const refusal = /responded with a status of 4\d\d|htmx:(afterRequest|sendAbort)/;
let allowed = refusal;
export const expect = (pattern) => { allowed = pattern || refusal; };
function watch(page) {
  const report = (text) => { if (!allowed.test(text)) wrong(`${page.url()}: ${text}`); };
  page.on('console', (m) => m.type() === 'error' && report(`console: ${m.text()}`));
  page.on('pageerror', (e) => report(`script: ${e.message}`));
  page.on('dialog', (d) => { report(`dialog: ${d.message()}`); d.dismiss(); });
  page.on('response', (r) => r.status() >= 500 && report(`status ${r.status()} of ${r.url()}`));
}

// signIn opens the console for a user, at a path.
export async function signIn(user, { path = '/console/', password, ...options } = {}) {
  const page = await (await context(options)).newPage();
  await page.goto(path);
  await enter(page, user, password);
  return page;
}

// enter fills the form on which a user signs in.
export async function enter(page, user, password = given.password) {
  await page.fill('#user', user);
  await page.fill('#password', password);
  await page.press('#password', 'Enter');
  await page.waitForSelector('.shell');
}

// speakEnglish makes English the language of the user whose account a page shows. It waits until
// the next page is in it: users are remembered for five seconds.
export async function speakEnglish(page) {
  await page.selectOption('[name=language]', 'en');
  const saved = page.waitForNavigation();
  await page.click('form[action="/console/account"] button');
  await saved;
  while (await page.getAttribute('html', 'lang') !== 'en') {
    await page.waitForTimeout(250);
    await page.goto('/console/account');
  }
}

// axeFinds reports what axe-core finds on a page: in the light theme, and the contrast of the
// dark one.
export async function axeFinds(page, what) {
  await page.evaluate(readFileSync(load.resolve('axe-core/axe.min.js'), 'utf8'));
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme });
    const violations = await page.evaluate(async (dark) => {
      const result = await window.axe.run(document, { preload: false, resultTypes: ['violations'], ...(dark ? { runOnly: ['color-contrast'] } : {}) });
      return result.violations.map((v) => `${v.id} (${v.help}) at ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)}: ${[...n.any, ...n.all, ...n.none].map((c) => c.message).join(', ')}`).join(' and ')}`);
    }, theme === 'dark');
    for (const v of violations) wrong(`${what}, ${theme}: axe: ${v}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

// sendMain presses the main action and waits for the next page.
export async function sendMain(page, press = () => page.click('[data-main]')) {
  const left = page.waitForNavigation();
  await press();
  await left;
}

// journey runs steps to their end.
export async function journey(steps) {
  try {
    await steps();
  } catch (e) {
    wrong(e.stack);
    for (const [i, page] of pages.entries()) {
      if (!page.isClosed()) await page.screenshot({ path: `${process.env.BROWSER_FAILURES}/${i}.png` }).catch(() => {});
    }
  }
  await browser.close();
  process.exit(0);
}
