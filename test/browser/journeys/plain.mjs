// Without JavaScript and on a phone: sign in, find a loan, receive a payment, open and close the
// menu.
import { ask, check, given, journey, signIn } from './world.mjs';

await journey(async () => {
  const page = await signIn('caja.oaxaca', { script: false, narrow: true });
  const wide = async () => check(`${page.url()}: in 390 px`, (await page.$eval('html', (e) => e.scrollWidth)) <= 390, true);
  await wide();
  check('menu at first', await page.isVisible('#nav a'), false);
  await page.click('.menu-link');
  check('menu when open', await page.isVisible('#nav a'), true);
  await page.click('#nav .close');
  check('menu when closed', await page.isVisible('#nav a'), false);

  await page.fill('#q', given.loan);
  await page.press('#q', 'Enter');
  await page.waitForURL(/loans|search/);
  await wide();
  await page.goto(`/console/loans/${given.loan}`);
  await wide();
  await page.goto('/console/till/payment');
  await page.fill('#in-loan', given.loan);
  await page.fill('#in-amount', '110');
  await page.check('input[value=transfer]');
  await page.click('button[formmethod=get]');
  await page.waitForSelector('[data-main]');
  await wide();
  await page.click('[data-main]');
  await page.waitForSelector('.receipt');
  check('receipt', await page.textContent('.receipt'), /\$110\.00/);
  check('payments', await ask('payments'), 1);

  const phone = await signIn('caja.oaxaca', { narrow: true });
  for (let i = 0; i < 12; i++) {
    await phone.keyboard.press('Tab');
    check('focus in the closed menu', await phone.evaluate(() => !!document.activeElement.closest('#nav')), false);
  }
  await phone.click('.menu-link');
  for (let i = 0; i < 30; i++) {
    await phone.keyboard.press('Tab');
    check('focus behind the open menu', await phone.evaluate(() => !!document.activeElement.closest('.top, .page')), false);
  }
});
