// Sessions: a cookie that was there before the sign-in is not the session afterwards, and what
// ended is refused: by signing out, from another browser, and by a new password.
import { check, context, enter, expect, given, journey, signIn } from './world.mjs';

const name = 'sofipo_session';
const cookieOf = async (page) => (await page.context().cookies()).find((c) => c.name === name);
const home = async (page) => (await page.request.get('/console/')).status();
// refused waits until the session of a page is refused: users are remembered for five seconds.
async function refused(what, page) {
  for (let i = 0; i < 40 && await home(page) === 200; i++) await page.waitForTimeout(250);
  check(what, await home(page), 401);
}

await journey(async () => {
  // A thief plants the cookie of an own session, and one of no session, in a browser.
  const thief = await signIn('caja2.oaxaca');
  for (const planted of [await cookieOf(thief), { ...await cookieOf(thief), value: 'planted' }]) {
    const victim = await (await context()).newPage();
    await victim.context().addCookies([planted]);
    await victim.goto('/console/sign-in');
    await enter(victim, given.user, given.secret);
    check('the session is the planted one', (await cookieOf(victim)).value === planted.value, false);
    check('sessions in the browser', (await victim.context().cookies()).filter((c) => c.name === name).length, 1);
    await victim.context().clearCookies();
    await victim.context().addCookies([planted]);
    const answer = await victim.request.get('/console/account');
    check('user of the planted cookie', (await answer.text()).includes(given.user), false);
  }

  const cookie = await cookieOf(thief);
  check('attributes of the cookie', [cookie.httpOnly, cookie.sameSite, cookie.path].join(), 'true,Lax,/console/');

  // Signing out ends the session, not only the cookie.
  const one = await signIn(given.user, { password: given.secret }), kept = await cookieOf(one);
  await one.click('form[action="/console/sign-out"] button');
  await one.waitForSelector('#user');
  check('the cookie after signing out', await cookieOf(one), undefined);
  await one.context().addCookies([kept]);
  check('a session that was signed out', await home(one), 401);

  // A session is ended from another browser.
  const here = await signIn(given.user, { path: '/console/account', password: given.secret });
  await here.waitForTimeout(1100); // so that the list has the other one first
  const there = await signIn(given.user, { password: given.secret });
  check('the other session', await home(there), 200);
  await here.reload();
  for (let left = await here.locator('form[action$="/end"] button').count(); left > 0; left--) {
    const ended = here.waitForNavigation();
    await here.locator('form[action$="/end"] button').first().click();
    await ended;
  }
  await refused('a session that was ended elsewhere', there);
  check('the session that ended it', await home(here), 200);

  // A new password ends the other sessions.
  const other = await signIn(given.user, { password: given.secret });
  await here.waitForTimeout(1100); // the times of sessions and passwords may be seconds
  await here.goto('/console/account');
  await here.fill('[name=present_password]', given.secret);
  await here.fill('[name=new_password]', 'Nueva y larga 77');
  const changed = here.waitForNavigation();
  await here.click('form[action="/console/account/password"] button');
  await changed;
  check('notice', await here.textContent('.toasts'), /Sus otras sesiones terminaron/);
  await refused('a session before the new password', other);
  check('the session that changed the password', await home(here), 200);
  const old = await (await context()).newPage();
  await old.goto('/console/sign-in');
  await old.fill('#user', given.user);
  await old.fill('#password', given.secret);
  expect(/401/);
  await old.press('#password', 'Enter');
  await old.waitForSelector('[role=alert]');
  check('the old password', await home(old), 401);
});
