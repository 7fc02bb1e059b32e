// The accountant closes a day while the branch manager looks on. Both see the result without a
// reload. On PostgreSQL the test holds the close at two points, and both see how many loans are
// done.
import { ask, check, journey, signIn } from './world.mjs';

await journey(async () => {
  const accountant = await signIn('contador', { path: '/console/days' });
  await accountant.click('.head .btn.primary');
  await accountant.waitForSelector('.checks');
  const day = accountant.url(), manager = await signIn('gerente.oaxaca', { path: day });
  const both = [['accountant', accountant], ['manager', manager]];
  const held = await ask('hold');
  await accountant.click('[data-main]', { noWaitAfter: true });
  if (held) {
    await accountant.waitForSelector('progress');
    await manager.goto(day);
    for (const [who, page] of both) {
      await page.evaluate(() => { window.same = true; }); // until a reload
      check(`loans done at first, for the ${who}`, await page.$eval('progress', (e) => [e.value, e.max > 1].join()), '0,true');
      check(`state, for the ${who}`, await page.textContent('.head .pill'), /Cerrando/);
    }
    await ask('proceed');
    for (const [who, page] of both) {
      await page.waitForFunction(() => { const e = document.querySelector('progress'); return e && e.value > 0; });
      check(`text, for the ${who}`, await page.textContent('.progress-note'), /[1-9]\d* de \d+ préstamos/);
    }
    await ask('release');
  }
  await accountant.getByRole('heading', { name: 'Resultado', exact: true }).waitFor();
  if (!held) await manager.goto(day);
  for (const [who, page] of both) {
    await page.getByRole('heading', { name: 'Resultado', exact: true }).waitFor();
    check(`progress at the end, for the ${who}`, await page.locator('progress').count(), 0);
    check(`state at the end, for the ${who}`, await page.textContent('.head .pill'), /Cerrado/);
    if (held) check(`the page of the ${who} was not reloaded`, await page.evaluate(() => window.same), true);
  }
  await accountant.goto('/console/');
  check('the next day', await accountant.textContent('.business'), /3 mar 2026/);
});
