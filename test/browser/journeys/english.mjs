// A user changes the language; the next pages are in English, and the browser's next session too.
import { check, journey, signIn, speakEnglish } from './world.mjs';

await journey(async () => {
  const page = await signIn('admin', { path: '/console/account' });
  await speakEnglish(page);
  check('title', await page.textContent('h1'), 'My account');
  const again = await signIn('admin');
  check('language', await again.getAttribute('html', 'lang'), 'en');
});
