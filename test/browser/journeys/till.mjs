// A teller's day: open the till, receive payments by the keyboard alone (number, amount, preview,
// receipt), count, close. The same form twice (a double click, Back, a second tab) is one payment.
import { ask, check, given, journey, sendMain, signIn } from './world.mjs';

await journey(async () => {
  const page = await signIn('caja.oaxaca', { path: '/console/till' });
  if (await page.$('#in-opening')) {
    await page.fill('#in-opening', '15000');
    await sendMain(page, () => page.keyboard.press('Control+Enter'));
  }

  await page.goto('/console/till/payment');
  const began = Date.now();
  await page.keyboard.type(given.loan);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#found .found');
  await page.keyboard.type('300');
  await page.waitForSelector('#preview [data-main]');
  await sendMain(page, () => page.keyboard.press('Control+Enter'));
  check('seconds of a payment', Date.now() - began < 10000, true);
  check('receipt', await page.textContent('.receipt'), /\$300\.00/);
  check('payments', await ask('payments'), 1);

  const receipt = page.url();
  await page.goBack();
  await page.waitForSelector('#payment');
  if (await page.$('#preview [data-main]')) {
    await sendMain(page, () => page.keyboard.press('Control+Enter'));
    check('receipt after Back', page.url().replace(/[?#].*/, ''), receipt.replace(/[?#].*/, ''));
  }
  check('payments after Back', await ask('payments'), 1);

  // Two tabs with the same form, and a double click in one of them.
  const path = `/console/till/payment?loan=${given.loan}&amount=200&method=transfer`;
  await page.goto(path);
  const key = await page.inputValue('[name=form_key]');
  const second = await page.context().newPage();
  await second.goto(path);
  await second.evaluate((k) => { document.querySelector('[name=form_key]').value = k; }, key);
  await page.dblclick('[data-main]', { noWaitAfter: true }); // the second click may stop the first answer
  await page.waitForSelector('.receipt');
  await sendMain(second);
  check('receipt of the second tab', second.url().replace(/[?#].*/, ''), page.url().replace(/[?#].*/, ''));
  check('payments after two tabs', await ask('payments'), 2);

  // The count, with a shortage of ten pesos, and the close.
  await page.goto('/console/till/count');
  const expected = Number(await page.inputValue('[name=expected]'));
  check('cash that must be there', expected, 15300);
  await page.fill('[name=n50000]', '30');
  await page.fill('[name=n10000]', '2');
  await page.fill('[name=n2000]', '4');
  await page.fill('[name=n1000]', '1');
  await page.fill('[name=reason]', 'Cambio mal dado');
  await page.waitForFunction(() => document.querySelector('#result').textContent.includes('15,290.00'));
  check('difference', await page.textContent('#result'), /10\.00/);
  await sendMain(page);
  check('sheet', await page.textContent('main'), /15,290\.00/);
  await page.goto('/console/till');
  check('till', await page.textContent('main'), /está cerrada/);
});
