// A page for which the role has no permission names it; the menu does not show it. A form that
// another site sends is refused.
import { check, context, expect, given, journey, signIn } from './world.mjs';

await journey(async () => {
  const page = await signIn('oficial.oaxaca');
  check('menu', await page.$$eval('nav a[href="/console/till/payment"]', (all) => all.length), 0);
  const answer = await page.goto('/console/till/payment');
  check('status', answer.status(), 403);
  check('name of the permission', await page.textContent('main h1'), /Su perfil no le permite \S+ .*pago/i);

  const foreign = await page.request.post('/console/account', { headers: { Origin: 'https://example.com' }, form: { language: 'en' } });
  check('form of another site', foreign.status(), 403);
  check('language', await page.getAttribute('html', 'lang'), 'es-MX');

  const outside = await (await context()).newPage();
  expect(/frame-ancestors/);
  await outside.setContent(`<iframe src="${given.base}/console/sign-in"></iframe>`);
  await outside.waitForTimeout(500);
  const frame = outside.frames()[1];
  check('in a frame', frame && frame.url().startsWith(given.base) ? await frame.$('#user') === null : true, true);
});
