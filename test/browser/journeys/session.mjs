// A session that ended gives back what was typed, and does nothing by itself. A session is new at
// every sign-in, and its cookie is not for scripts.
import { ask, check, enter, given, journey, sendMain, signIn } from './world.mjs';

await journey(async () => {
  const page = await signIn('caja.oaxaca', { path: `/console/till/payment?loan=${given.loan}&amount=150&method=transfer` });
  const context = page.context(), cookies = await context.cookies();
  check('cookies for scripts', await page.evaluate(() => document.cookie), '');
  await page.fill('#in-reference', 'Folio 4711');
  await page.press('#in-reference', 'Tab');
  await page.waitForLoadState('networkidle');

  await endElsewhere(context, cookies);
  await page.click('[data-main]');
  await page.waitForSelector('#user');
  check('message', await page.textContent('main'), /lo que escribió se conserva/);
  check('payments', await ask('payments'), 0);
  await enter(page, 'caja.oaxaca');
  check('form', [await page.inputValue('#in-reference'), await page.inputValue('#in-amount')].join(), 'Folio 4711,150');
  check('message of the form', await page.textContent('main'), /aún no se ha hecho nada/);

  await endElsewhere(context, await context.cookies());
  await page.fill('#in-reference', 'Folio 4712'); // asks for a preview
  await page.waitForSelector('#user');
  check('message', await page.textContent('main'), /lo que escribió se conserva/);
  await enter(page, 'caja.oaxaca');
  check('form of a preview', [await page.inputValue('#in-reference'), await page.inputValue('#in-amount')].join(), 'Folio 4712,150');
  const fresh = await context.cookies();
  const session = (all) => all.find((c) => c.name === 'sofipo_session').value;
  check('a new session', session(fresh) !== session(cookies), true);
  await sendMain(page);
  check('receipt', await page.textContent('.receipt'), /\$150\.00/);
  check('payments', await ask('payments'), 1);
});

// endElsewhere ends the session without this browser's knowledge.
async function endElsewhere(context, cookies) {
  const other = await context.newPage();
  await other.goto('/console/');
  await other.click('form[action="/console/sign-out"] button');
  await other.waitForSelector('#user');
  await other.close();
  await context.addCookies(cookies);
}
