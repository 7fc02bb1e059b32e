// Every page that a user can reach by links, in one language: nothing is untranslated, broken,
// too large or unsafe. A screen is opened in the browser for the first user who reaches it, where
// axe-core finds nothing in both themes and every action is reached by keyboard; other visits, and
// those in English, read the page as it came. With a folder for pictures, it writes one of each screen in both themes and
// sizes, and checks nothing else.
import { axeFinds, check, context, given, journey, note, signIn, wrong } from './world.mjs';

const foreign = new Set(given.foreign); // texts of the other language
const opened = new Set(); // screens that were opened in the browser, by any user
const sizes = {}; // bytes of the first visit of each screen
let assets = 0; // bytes of what a page loads
// The first user visits two things of a screen and asks for three more; the others one and one.
const most = (user) => (given.pictures || given.lang === 'en' ? { visits: 1, requests: 0 } : user === given.users[0] ? { visits: 2, requests: 3 } : { visits: 1, requests: 1 });

// screenOf returns the address without the parts that differ between things.
const screenOf = (path) => path.replace(/[?#].*$/, '').split('/')
  .map((part) => (/\d/.test(part) || /^[\w.]+@|[.][a-z]+$/.test(part) && !/[.](pdf|csv|xlsx)$/.test(part) ? '…' : part)).join('/')
  .replace(/\/[+]$/, '/new').replace(/(users|roles|products|branches|tills|tills\/banks)\/(?!new$|banks\/)[^/]+/, '$1/…');

const isFile = (path) => /[.](pdf|csv|xlsx|txt|png|jpg)($|[?])|\/(content|logo)($|[?])/.test(path);

// visitAll visits the pages of a user. A screen is opened in the browser if nobody has opened it;
// the home page is another one for each user.
async function visitAll(user) {
  const page = await signIn(user);
  await page.evaluate(inspector);
  const queue = ['/console/', '/console/search?q=maria'].map((path) => ({ path, from: 'start' })), seen = new Set(['/console/']), visits = {}, requests = {}, sent = new Set();
  let count = 0;
  while (queue.length) {
    const { path, from } = queue.shift();
    const screen = screenOf(path) === '/console/' ? `/console/ of ${user}` : screenOf(path);
    const visit = (visits[screen] || 0) < most(user).visits && !isFile(path);
    const tally = visit ? visits : requests;
    tally[screen] = (tally[screen] || 0) + 1;
    if (!visit) {
      if (requests[screen] > most(user).requests) continue;
      const answer = await page.request.get(path, { maxRedirects: 5 });
      if (answer.status() >= 400) wrong(`${user}: ${path}, a link of ${from}: got ${answer.status()}, want an answer`);
      continue;
    }
    count++;
    const open = given.lang !== 'en' && !opened.has(screen);
    if (open) opened.add(screen);
    const found = open ? await openPage(page, path) : await readPage(page, path);
    if (!found) continue; // a file
    if (found.status !== 200) { wrong(`${user}: ${path}, a link of ${from}: got ${found.status}, want 200`); continue; }
    if (given.pictures) {
      if (open) await picture(page, screen);
    } else {
      look(`${user}: ${path}`, screen, found);
      if (open) {
        await usable(page, path);
        for (const form of found.forms) await getForm(page, `${user}: ${path}`, form, sent);
        if (user === given.users[0]) await hostileAddress(page, path, found.inputs);
      }
    }
    for (const link of found.links) {
      const at = new URL(link, given.base + path);
      const next = at.pathname + at.search;
      if (at.origin === given.base && !seen.has(next) && !next.includes('/static/')) { seen.add(next); queue.push({ path: next, from: path }); }
    }
  }
  note(`${user}: ${count} pages, ${seen.size} links`);
  await page.context().close();
}

// openPage opens a page in the browser.
async function openPage(page, path) {
  const answer = await page.goto(path).catch((e) => { if (!/Download is starting/.test(e.message)) throw e; });
  if (!answer) return null;
  await page.evaluate(inspector);
  const found = await page.evaluate(() => {
    const loaded = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    return {
      ...window.inspect(document), size: 0, wide: document.documentElement.scrollWidth > innerWidth,
      loaded: loaded.map((e) => e.encodedBodySize + 300), // with the headers, as Resource Timing estimates them
    };
  });
  assets = Math.max(assets, found.loaded.slice(1).reduce((a, b) => a + b, 0));
  return { ...found, size: found.loaded.reduce((a, b) => a + b, 0), status: answer.status(), headers: answer.headers() };
}

// readPage reads a page as it came, without opening it.
const readPage = (page, path) => page.evaluate(async ([path, assets]) => {
  const answer = await fetch(path);
  if (!/html/.test(answer.headers.get('content-type'))) return null;
  const found = window.inspect(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  return { ...found, wide: false, size: Number(answer.headers.get('content-length')) + 300 + assets, status: answer.status, headers: Object.fromEntries(answer.headers) };
}, [path, assets]);

// inspector defines what looks at a document in the browser.
const inspector = `window.inspect = ${(doc) => {
  const texts = [], walk = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    if (n.data.trim() && !n.parentElement.closest('script, style, .code, code, kbd, pre')) texts.push(n.data.trim().replace(/\s+/g, ' '));
  }
  for (const e of doc.querySelectorAll('[aria-label], [placeholder], [title]')) {
    for (const name of ['aria-label', 'placeholder', 'title']) if (e.getAttribute(name)) texts.push(e.getAttribute(name));
  }
  texts.push(doc.title);
  const all = [...doc.querySelectorAll('*')], ids = all.map((e) => e.id).filter(Boolean);
  return {
    texts, lang: doc.documentElement.lang, headings: doc.querySelectorAll('h1').length,
    inline: all.filter((e) => e.matches('[style], style, script:not([src])') || e.getAttributeNames().some((n) => n.startsWith('on')) || /^\s*(javascript|data|vbscript):/i.test(e.getAttribute('href') || e.getAttribute('action') || '')).map((e) => e.outerHTML.slice(0, 160)).join(),
    hacked: !!window.hacked || !!doc.querySelector('img[src="x"], b#hacked'),
    ids: ids.filter((id, i) => ids.indexOf(id) !== i),
    abroad: [...doc.querySelectorAll('form, script[src], link, img')].map((e) => e.getAttribute('action') || e.getAttribute('src') || e.getAttribute('href') || '').filter((a) => new URL(a, location).origin !== location.origin && !a.startsWith('data:')).join(),
    links: [...doc.querySelectorAll('a[href]')].map((a) => a.getAttribute('href')),
    inputs: [...doc.querySelectorAll('form:not([method=post]) [name]')].map((e) => e.name),
    forms: [...doc.querySelectorAll('form[method=post]')].map((f) => ({ action: f.getAttribute('action') || '', values: new URLSearchParams(new FormData(f)).toString() })),
  };
}}`;

// look checks the texts of a page, its structure and the size of its first visit.
function look(at, screen, found) {
  check(`${at}: language`, found.lang, given.lang);
  check(`${at}: number of h1`, found.headings, 1);
  check(`${at}: scripts and styles in the page`, found.inline, '');
  check(`${at}: markup of a hostile name`, found.hacked, false);
  check(`${at}: repeated ids`, found.ids.join(), '');
  check(`${at}: forms and files of other sites`, found.abroad, '');
  check(`${at}: sideways scroll`, found.wide, false);
  for (const text of found.texts) {
    if (foreign.has(text)) wrong(`${at}: ${JSON.stringify(text)} is in the other language`);
    if (/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/.test(text)) wrong(`${at}: got a UUID in ${JSON.stringify(text)}`);
    if (/\b[a-z]+_[a-z_]+\b|\b[A-Z]{2,}_[A-Z_]+\b|\b(ACTIVE|APPLIED|APPROVED|REJECTED|CLOSED|PENDING)\b/.test(text)) wrong(`${at}: got a code in ${JSON.stringify(text)}`);
    if (/[{}]|%!|<no value>|\bNaN\b|undefined|null\b/.test(text)) wrong(`${at}: got a leftover in ${JSON.stringify(text)}`);
  }
  check(`${at}: X-Frame-Options`, found.headers['x-frame-options'], 'DENY');
  check(`${at}: policy`, found.headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/);
  sizes[screen] = Math.max(sizes[screen] || 0, found.size);
  if (!(found.size <= given.most)) wrong(`${at}: got ${found.size} bytes at the first visit, want at most ${given.most}`);
}

// hostile would be a script, markup or the end of an attribute, wherever a page shows it.
const hostile = `"'></textarea></title></script><script>window.hacked=1</script><img src=x onerror=window.hacked=1><b id=hacked>`;

// hostileAddress opens a page with hostile text in all that its address may have: what its links
// and its forms ask for. A script that ran, or that the policy stopped, is wrong.
async function hostileAddress(page, path, inputs) {
  const names = new Set([...new URL(path, given.base).searchParams.keys(), ...inputs, 'q', 'sort', 'after', 'from', 'to', 'date', 'status', 'branch']);
  const address = path.replace(/[?].*/, '') + '?' + new URLSearchParams([...names].map((name) => [name, hostile]));
  const answer = await page.goto(address);
  if (answer.status() >= 500) wrong(`${path} with hostile text in its address: got ${answer.status()}, want less than 500`);
  await page.evaluate(inspector);
  const found = await page.evaluate(() => window.inspect(document));
  check(`${path} with hostile text in its address: markup`, found.hacked, false);
  check(`${path} with hostile text in its address: scripts`, found.inline, '');
}

// getForm asks by GET for what a form posts, with its values. The Go test checks that this
// changes nothing.
async function getForm(page, at, form, sent) {
  const path = new URL(form.action, page.url()).pathname;
  if (sent.has(screenOf(path)) || path.endsWith('/sign-out')) return;
  sent.add(screenOf(path));
  const answer = await page.request.get(`${path}?${form.values}`, { maxRedirects: 0 });
  if (answer.status() >= 500) wrong(`${at}: GET ${path} of a form: got ${answer.status()}, want less than 500`);
}

// usable looks at a page at other widths and by keyboard, and runs axe-core.
async function usable(page, path) {
  for (const [width, height] of [[320, 768], [390, 844], [683, 384]]) { // the last: 1366 × 768 at a zoom of 200 %
    await page.setViewportSize({ width, height });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth && ([...document.querySelectorAll('main *')].find((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.table-wrap, .hidden, svg')) || document.body).outerHTML.slice(0, 100));
    if (wide) wrong(`${path}: got sideways scroll in ${width} px, want none; too wide: ${wide}`);
  }
  await page.evaluate(removeTwins);
  await page.keyboard.press('Tab'); // from now on the focus is the keyboard's
  for (const found of await page.evaluate(focusAll)) wrong(`${path}, zoom 200 %: ${found}`);
  await page.setViewportSize({ width: 1366, height: 768 });
  for (const found of await page.evaluate(focusAll)) wrong(`${path}: ${found}`);
  await axeFinds(page, path);
}

// removeTwins removes the rows of lists that differ from another one in their texts only.
const removeTwins = () => {
  for (const list of document.querySelectorAll('main tbody, main ul, main select')) {
    const seen = new Set();
    for (const row of [...list.children]) {
      const looks = [row, ...row.querySelectorAll('*')].map((e) => e.tagName + e.getAttribute('class') + (e.name || '')).join();
      if (seen.has(looks)) row.remove();
      seen.add(looks);
    }
  }
};

// focusAll gives the focus to every action of the page, and returns what is wrong: an action
// without a place in the order of the keyboard, a focus that is not visible, and one that
// something covers.
const focusAll = () => {
  const found = [], say = (what, e) => found.push(`${what} ${e.outerHTML.slice(0, 160)}`);
  const actions = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
  const rings = (e) => { // of the element or of what shows its focus
    const style = getComputedStyle(e);
    return `${style.boxShadow} ${style.outlineStyle !== 'none' && !/, 0\)|transparent/.test(style.outlineColor) ? style.outline : ''}`;
  };
  document.activeElement.blur();
  const shown = [...document.querySelectorAll(actions)].filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length && !e.disabled);
  for (const e of document.querySelectorAll('main *, nav *')) {
    if (e.checkVisibility() && getComputedStyle(e).cursor === 'pointer' && !e.closest(`${actions}, label`)) say('without the keyboard:', e);
  }
  for (const e of shown) {
    if (e.id === 'main' || e.id === 'problems') continue; // take the focus from a script only
    if (e.closest('[aria-hidden=true]') || e.tabIndex < 0 && e.querySelector('kbd')) continue; // what Enter and a letter press in a field
    if (e.tabIndex !== 0) { say('not in the order of the keyboard:', e); continue; }
    const marked = [e, e.closest('.choice, label, summary')].filter(Boolean), before = marked.map(rings);
    e.focus();
    if (document.activeElement !== e) { say('takes no focus:', e); continue; }
    if (e.matches(':focus-visible') && marked.every((m, i) => rings(m) === before[i])) say('the focus is not visible on', e);
    const box = e.getClientRects()[0], x = box.x + box.width / 2, y = box.y + Math.min(box.height / 2, 20);
    const top = box.width > 4 && box.height < innerHeight / 2 && x > 0 && x < innerWidth && document.elementFromPoint(x, y);
    if (top && !e.contains(top) && !top.contains(e) && !top.closest('label')?.contains(e)) say(`${top.outerHTML.slice(0, 80)} covers`, e);
  }
  return [...new Set(found)].slice(0, 5);
};

async function picture(page, screen) {
  const name = screen.replace(/^\/console\/?/, '').replace(/^ of (\S+)/, (_, user) => `home-${user.replace(/[.].*/, '')}`).replace(/\/$/, '').replace(/…/g, 'one').replace(/\//g, '-');
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

await journey(async () => {
  // The first user has the most pages; the others are visited meanwhile. Pictures are always of the
  // same user.
  const [first, ...others] = given.users;
  const next = async () => { for (let user = others.shift(); user; user = others.shift()) await visitAll(user); };
  if (given.pictures) {
    const page = await (await context()).newPage();
    await page.goto('/console/sign-in');
    await picture(page, '/console/sign-in');
    await visitAll(first);
  }
  await Promise.all([given.pictures || visitAll(first), next()]);
  note(`${opened.size} screens: ${[...opened].sort().join(' ')}`);
  const largest = Object.entries(sizes).sort((a, b) => b[1] - a[1]).slice(0, 5).map(([screen, size]) => `${screen} ${size}`);
  if (assets && largest.length) note(`largest first visits in bytes: ${largest.join(', ')}`);
});
