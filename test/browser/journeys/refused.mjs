// What is refused: a page for which the role has no permission, forms that another site sends, and
// a page in a frame. The pages on which nobody is signed in and those of refusals are accessible.
import { createServer } from 'node:http';
import { axeFinds, check, context, expect, given, journey, signIn, speakEnglish, wrong } from './world.mjs';

await journey(async () => {
  const page = await signIn('oficial.oaxaca');
  check('menu', await page.$$eval('nav a[href="/console/till/payment"]', (all) => all.length), 0);
  const answer = await page.goto('/console/till/payment');
  check('status', answer.status(), 403);
  check('name of the permission', await page.textContent('main h1'), /Su perfil no le permite \S+ .*pago/i);

  await foreignForms(page);
  await frames();
  await doors();
  await refusals(await signIn('caja.cordoba'), 'es');
  const english = await signIn('cobranza.cordoba', { path: '/console/account' });
  await speakEnglish(english);
  await refusals(english, 'en');
});

// stranger serves another site with a page: its port is another one, so that browsers send
// cookies of the same site with its forms.
async function stranger(html, run) {
  const server = createServer((_, answer) => { answer.setHeader('Content-Type', 'text/html'); answer.end(`<link rel="icon" href="data:,">${html}`); });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  await run(`http://127.0.0.1:${server.address().port}/`);
  server.closeAllConnections();
  server.close();
}

// foreignForms sends forms of other sites with the session of a page.
async function foreignForms(page) {
  const language = async (what) => {
    await page.goto('/console/account');
    check(`language after ${what}`, await page.$eval('[name=language]', (e) => e.value), 'es');
  };
  for (const headers of [{ Origin: 'https://example.com' }, { Origin: 'null' }, { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }]) {
    const answer = await page.request.post('/console/account', { headers, form: { language: 'en', form_key: JSON.stringify(headers) } });
    check(`form with ${JSON.stringify(headers)}`, answer.status(), 403);
  }
  await language('forms with headers of other sites');
  for (const policy of ['unsafe-url', 'no-referrer']) { // the second sends the origin "null"
    await stranger(`<meta name="referrer" content="${policy}"><form method="post" action="${given.base}/console/account"><input name="language" value="en"><button>Send</button></form>`, async (url) => {
      const tab = await page.context().newPage();
      await tab.goto(url);
      const sent = tab.waitForResponse((r) => r.url() === `${given.base}/console/account`);
      await tab.click('button');
      const answer = await sent, headers = await answer.request().allHeaders();
      check(`cookie of a form of another site, ${policy}`, /sofipo_session=/.test(headers.cookie), true); // else it proves nothing
      check(`form of another site, ${policy}`, answer.status(), 403);
      await tab.close();
    });
    await language(`a form of another site, ${policy}`);
  }
}

// frames shows pages in a frame of another site.
async function frames() {
  expect(/frame-ancestors|X-Frame-Options|status of 4\d\d/);
  for (const path of ['/console/sign-in', '/console/', '/console/nowhere']) {
    await stranger(`<iframe src="${given.base}${path}"></iframe>`, async (url) => {
      const outside = await (await context()).newPage();
      await outside.goto(url, { waitUntil: 'load' });
      const frame = outside.frames()[1];
      check(`${path} in a frame`, frame ? frame.url() : 'none', 'chrome-error://chromewebdata/');
    });
  }
  expect();
}

// doors looks at the page on which users sign in.
async function doors() {
  const page = await (await context()).newPage();
  await page.goto('/console/sign-in');
  await axeFinds(page, 'sign-in');
  await page.fill('#user', 'nadie');
  await page.fill('#password', 'equivocada');
  await page.press('#password', 'Enter');
  await page.waitForSelector('[role=alert]');
  await axeFinds(page, 'failed sign-in');
  const ended = await signIn('caja.cordoba', { path: '/console/account' });
  await ended.context().clearCookies();
  await ended.click('form[action="/console/account"] button');
  await ended.waitForSelector('#user');
  check('ended session', await ended.textContent('[role=alert]'), /lo que escribió se conserva/);
  await axeFinds(ended, 'sign-in after the session ended');
}

// refusals looks at pages of refusals in a language: nothing there, not allowed, wrong input.
async function refusals(page, lang) {
  const look = async (path, status, title) => {
    const answer = await page.goto(path);
    check(`${path}: status`, answer.status(), status);
    check(`${path}: title`, await page.textContent('h1'), title[lang]);
    check(`${path}: language`, await page.getAttribute('html', 'lang'), lang === 'en' ? 'en' : 'es-MX');
    await axeFinds(page, `${path}, ${lang}`);
  };
  await look('/console/nowhere', 404, { es: /no existe/, en: /does not exist/ });
  await look('/console/loans/P-999-999', 404, { es: /./, en: /./ });
  await look('/console/admin/users', 403, { es: /Su perfil no le permite/, en: /Your role may not read users/ });
  await page.goto('/console/account');
  await page.fill('[name=present_password]', 'no');
  await page.fill('[name=new_password]', 'corta');
  await page.click('form[action="/console/account/password"] button');
  await page.waitForSelector('#problems');
  if (!await page.evaluate(() => document.activeElement.id === 'problems')) wrong(`refused form, ${lang}: the focus is not on the problems`);
  await axeFinds(page, `refused form, ${lang}`);
}
