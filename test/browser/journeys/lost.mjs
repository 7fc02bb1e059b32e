// The database goes while a teller works: a calm page, nothing is lost, and it works again by
// itself.
import { ask, axeFinds, check, expect, given, journey, sendMain, signIn } from './world.mjs';

await journey(async () => {
  const page = await signIn('caja.oaxaca', { path: `/console/till/payment?loan=${given.loan}&amount=120&method=transfer` });
  await page.waitForSelector('[data-main]');
  expect(/50\d|ERR_/);
  await ask('stop');
  await page.click('[data-main]');
  await page.waitForLoadState();
  if (given.answers) { // the server still does: it keeps the form
    check('page', await page.textContent('main'), /no se guardó nada.*Lo que escribió se conserva/s);
    await axeFinds(page, 'form without the database');
    const still = await page.context().newPage();
    await still.route('**/htmx*', (route) => route.abort()); // so that it does not ask again by itself
    const answer = await still.goto('/console/');
    check('status without the database', answer.status(), 503);
    await axeFinds(still, 'page without the database');
    await page.click('[data-main]');
    await page.waitForLoadState();
    check('page', await page.textContent('main'), /Lo que escribió se conserva/);
  }
  await ask('start');
  if (!given.answers) { // the browser keeps it
    await page.evaluate(() => history.back()); // goBack fails if the page of the error was never committed
    await page.waitForSelector('[data-main]');
    check('amount', await page.inputValue('#in-amount'), '120');
  }
  await sendMain(page);
  check('receipt', await page.textContent('.receipt'), /\$120\.00/);
  expect();
  check('payments', await ask('payments'), 1);
});
