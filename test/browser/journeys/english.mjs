// A user changes the language; the next pages are in English, and the browser's next session too.
import { check, journey, signIn } from './world.mjs';

await journey(async () => {
  const page = await signIn('admin', { path: '/console/account' });
  await page.selectOption('[name=language]', 'en');
  await page.click('form[action="/console/account"] button');
  await page.waitForURL('**/console/account');
  await page.waitForFunction(() => document.documentElement.lang === 'en' || (location.reload(), false), null, { polling: 1000 });
  check('title', await page.textContent('h1'), 'My account');
  const again = await signIn('admin');
  check('language', await again.getAttribute('html', 'lang'), 'en');
});
