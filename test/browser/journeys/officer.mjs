// An officer whose language is English registers a client, quotes and applies. No page has a
// Spanish text of the console.
import { check, given, journey, sendMain, signIn, speakEnglish, wrong } from './world.mjs';

// spanish has the Spanish texts of the console, with anything in place of a value; words are of no
// name in the data.
const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const texts = given.spanish.map((text) => text.split(/\{[^}]*\}/)).filter((parts) => parts.some((part) => /\p{L}{4}/u.test(part)));
const spanish = new RegExp(`^(?:${texts.map((parts) => parts.map(literal).join('.+')).join('|')})$`);
const words = /\b(que|para|con|una?|está|debe|escriba|elija|sin|más|aún|préstamos?|clientes?|pagos?|fecha|monto|guardar)\b/i;

await journey(async () => {
  const page = await signIn('oficial.puebla', { path: '/console/account' });
  await speakEnglish(page);
  const english = async () => {
    check(`${page.url()}: language`, await page.getAttribute('html', 'lang'), 'en');
    for (const text of await page.$$eval('title, h1, h2, h3, p, a, button, label, legend, th, td, dt, dd, li, span, b, option, caption, summary, [aria-label], [placeholder]', (all) => all.flatMap((e) =>
      [...[...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data), e.getAttribute('aria-label'), e.getAttribute('placeholder')].filter((s) => s && s.trim()).map((s) => s.trim().replace(/\s+/g, ' '))))) {
      if (spanish.test(text) || words.test(text)) wrong(`${page.url()}: ${JSON.stringify(text)} is Spanish, want English`);
    }
  };
  const terms = async () => {
    await page.selectOption('[name=product]', { label: 'Crédito simple' });
    for (const [name, value] of Object.entries({ amount: '9,000', rate: '36', periods: '12' })) await page.fill(`[name=${name}]`, value);
    await page.press('[name=periods]', 'Tab');
    await page.waitForSelector('#quote .table');
  };
  await english();
  await page.goto('/console/');
  await english();

  await page.goto('/console/clients/new');
  await english();
  for (const [name, value] of Object.entries({ given_names: 'Olga', paternal_surname: 'Vera', maternal_surname: 'Luna', birth_date: '31/02/1986', 'phones.0.number': '2221234567' })) {
    await page.fill(`[name="${name}"]`, value);
  }
  await page.getByRole('button', { name: 'Register' }).first().click();
  await page.waitForSelector('#problems'); // there is no 31 February
  await english();
  await page.fill('[name=birth_date]', '21/02/1986');
  await page.getByRole('button', { name: 'Register' }).first().click();
  await page.waitForURL(/\/clients\/C-/);
  const client = page.url().match(/C-[\d-]+/)[0];
  check('client', await page.textContent('h1'), /Olga Vera Luna/);
  await english();

  await page.goto('/console/simulator');
  await terms();
  await english();

  await page.goto(`/console/applications/new?q=${client}`);
  await english();
  await page.click('.results button');
  await page.waitForSelector('[name=periods]');
  await terms();
  await english();
  for (let step = 0; step < 3; step++) { // the terms, the file and the capacity, the review
    await sendMain(page);
    await english();
  }
  check('loan', page.url(), /P-[\d-]+/);
});
