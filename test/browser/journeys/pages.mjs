// Every page that a user can reach by links, in one language: nothing is untranslated, broken,
// too large or unsafe, and axe-core finds nothing in both themes. With a folder for pictures, it
// writes one of each screen in both themes and sizes.
import { readFileSync } from 'node:fs';
import { axe, check, given, journey, note, signIn, wrong } from './world.mjs';

const script = readFileSync(axe, 'utf8');
const foreign = new Set(given.foreign); // texts of the other language
const checked = new Set(); // screens that axe has seen, for all users
const pictured = new Set();
// The first user sees two things of a screen and asks for three more; the others one and one.
const most = (user) => (user === given.users[0] ? { visits: 2, requests: 3 } : { visits: 1, requests: 1 });

// screenOf returns the address without the parts that differ between things.
const screenOf = (path) => path.replace(/[?#].*$/, '').split('/')
  .map((part) => (/\d/.test(part) || /^[\w.]+@|[.][a-z]+$/.test(part) && !/[.](pdf|csv|xlsx)$/.test(part) ? '…' : part)).join('/')
  .replace(/(users|roles|products|branches|tills|accounts)\/(?!new$)[^/]+/, '$1/…');

const isFile = (path) => /[.](pdf|csv|xlsx|txt|png|jpg)($|[?])|\/(content|logo)($|[?])/.test(path);

await journey(async () => {
  for (const user of given.users) await visitAll(user);
  note(`${checked.size} screens: ${[...checked].sort().join(' ')}`);
});

async function visitAll(user) {
  const page = await signIn(user);
  const queue = ['/console/', '/console/search?q=maria'].map((path) => ({ path, from: 'start' })), seen = new Set(['/console/']), visits = {}, requests = {};
  let count = 0;
  while (queue.length) {
    const { path, from } = queue.shift();
    const screen = screenOf(path);
    const full = (visits[screen] || 0) < most(user).visits && !isFile(path);
    if (!full) {
      requests[screen] = (requests[screen] || 0) + 1;
      if (requests[screen] > most(user).requests) continue;
      const answer = await page.request.get(path, { maxRedirects: 5 });
      if (answer.status() >= 400) wrong(`${user}: ${path}, a link of ${from}: got ${answer.status()}, want an answer`);
      continue;
    }
    visits[screen] = (visits[screen] || 0) + 1;
    count++;
    const answer = await page.goto(path).catch((e) => { if (!/Download is starting/.test(e.message)) throw e; });
    if (!answer) continue; // a file
    if (answer.status() !== 200) { wrong(`${user}: ${path}, a link of ${from}: got ${answer.status()}, want 200`); continue; }
    await look(page, user, path, answer);
    if (!checked.has(screen)) { checked.add(screen); await accessible(page, path); }
    if (given.pictures && !pictured.has(screen)) { pictured.add(screen); await picture(page, path, screen); }
    for (const link of await page.$$eval('a[href]', (all) => all.map((a) => a.getAttribute('href')))) {
      const at = new URL(link, page.url());
      const next = at.pathname + at.search;
      if (at.origin === given.base && !seen.has(next) && !next.includes('/static/')) { seen.add(next); queue.push({ path: next, from: path }); }
    }
  }
  note(`${user}: ${count} pages, ${seen.size} links`);
  await page.context().close();
}

// look checks the texts of a page, its structure and its size.
async function look(page, user, path, answer) {
  const at = `${user}: ${path}`;
  const found = await page.evaluate(() => {
    const texts = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let n = walk.nextNode(); n; n = walk.nextNode()) {
      if (n.data.trim() && !n.parentElement.closest('script, style, .code, code, kbd, pre')) texts.push(n.data.trim().replace(/\s+/g, ' '));
    }
    for (const e of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
      for (const name of ['aria-label', 'placeholder', 'title']) if (e.getAttribute(name)) texts.push(e.getAttribute(name));
    }
    texts.push(document.title);
    return {
      texts, lang: document.documentElement.lang, headings: document.querySelectorAll('h1').length,
      inline: document.querySelectorAll('[style], style, script:not([src]), [onclick], [onerror], [onload]').length,
      hacked: !!window.hacked || !!document.querySelector('img[src="x"], b#hacked'),
      ids: [...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i),
      forms: [...document.querySelectorAll('form[method=post]')].filter((f) => new URL(f.action).origin !== location.origin).length,
      wide: document.documentElement.scrollWidth > innerWidth,
    };
  });
  check(`${at}: language`, found.lang, given.lang);
  check(`${at}: number of h1`, found.headings, 1);
  check(`${at}: scripts and styles in the page`, found.inline, 0);
  check(`${at}: markup of a hostile name`, found.hacked, false);
  check(`${at}: repeated ids`, found.ids.join(), '');
  check(`${at}: forms to other sites`, found.forms, 0);
  check(`${at}: sideways scroll`, found.wide, false);
  for (const text of found.texts) {
    if (foreign.has(text)) wrong(`${at}: ${JSON.stringify(text)} is in the other language`);
    if (/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/.test(text)) wrong(`${at}: got a UUID in ${JSON.stringify(text)}`);
    if (/\b[a-z]+_[a-z_]+\b|\b[A-Z]{2,}_[A-Z_]+\b|\b(ACTIVE|APPLIED|APPROVED|REJECTED|CLOSED|PENDING)\b/.test(text)) wrong(`${at}: got a code in ${JSON.stringify(text)}`);
    if (/[{}]|%!|<no value>|\bNaN\b|undefined|null\b/.test(text)) wrong(`${at}: got a leftover in ${JSON.stringify(text)}`);
  }
  const headers = answer.headers();
  check(`${at}: X-Frame-Options`, headers['x-frame-options'], 'DENY');
  check(`${at}: policy`, headers['content-security-policy'], /frame-ancestors 'none'/);
  const { responseBodySize } = await answer.request().sizes();
  if (responseBodySize > given.most) wrong(`${at}: got ${responseBodySize} bytes, want at most ${given.most}`);
}

// accessible runs axe-core in the light theme, and its rules of contrast in the dark one.
async function accessible(page, path) {
  await page.evaluate(script).catch(() => {});
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme });
    const violations = await page.evaluate(async (dark) => {
      const result = await window.axe.run(document, { resultTypes: ['violations'], ...(dark ? { runOnly: ['color-contrast'] } : {}) });
      return result.violations.map((v) => `${v.id} (${v.help}) at ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)}: ${[...n.any, ...n.all, ...n.none].map((c) => c.message).join(', ')}`).join(' and ')}`);
    }, theme === 'dark');
    for (const v of violations) wrong(`${path}, ${theme}: axe: ${v}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (given.lang === 'en') return; // the rest was seen in Spanish, whose texts are longer
  for (const width of [683, 390, 320]) { // 683: 1366 at a zoom of 200 %
    await page.setViewportSize({ width, height: 768 });
    const wide = await page.evaluate(() => [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.table-wrap, .hidden, svg')).map((e) => e.outerHTML.slice(0, 100))[0] || '');
    if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) wrong(`${path}: got sideways scroll in ${width} px, want none; too wide: ${wide}`);
  }
  await page.setViewportSize({ width: 1366, height: 768 });
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab');
    const hidden = await page.evaluate(() => {
      const e = document.activeElement, style = getComputedStyle(e);
      return e !== document.body && style.outlineStyle === 'none' && style.boxShadow === 'none' ? e.outerHTML.slice(0, 160) : '';
    });
    if (hidden) wrong(`${path}: the focus is not visible on ${hidden}`);
  }
}

async function picture(page, path, screen) {
  const name = screen.replace(/^\/console\/?/, '').replace(/\/$/, '').replace(/…/g, 'one').replace(/\//g, '-') || 'home';
  for (const [width, height] of [[1366, 768], [390, 844]]) {
    await page.setViewportSize({ width, height });
    for (const theme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: theme });
      await page.screenshot({ path: `${given.pictures}/${name}-${width}-${theme}.png` });
    }
  }
  await page.setViewportSize({ width: 1366, height: 768 });
  await page.emulateMedia({ colorScheme: 'light' });
}
