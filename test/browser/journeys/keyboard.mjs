// By the keyboard alone: Tab reaches every action of the main pages, in their order, and the open
// menu of a phone keeps the focus.
import { check, given, journey, signIn, wrong } from './world.mjs';

await journey(async () => {
  const page = await signIn('gerente.puebla');
  for (const path of ['/console/', '/console/search?q=maria', '/console/clients', '/console/approvals', '/console/portfolio', '/console/account', '/console/simulator?amount=9,000&rate=36&periods=12']) await tabThrough(page, path);
  const teller = await signIn('caja.cordoba');
  for (const path of ['/console/till', `/console/loans/${given.loan}`, `/console/till/payment?loan=${given.loan}&amount=100&method=transfer`]) await tabThrough(teller, path);

  const phone = await signIn('caja.cordoba', { narrow: true });
  const inert = () => phone.$$eval('body > *, .shell > *', (all) => all.filter((e) => e.inert).map((e) => e.className.split(' ')[0]).sort().join());
  check('inert parts with a closed menu', await inert(), '');
  await phone.click('.menu-link');
  check('inert parts behind the open menu', await inert(), 'page,skip,toasts,top');
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let i = 0; i < 25; i++) {
      await phone.keyboard.press(key);
      const out = await phone.evaluate(() => { const e = document.activeElement; return e === document.body || e.closest('#nav') ? '' : e.outerHTML.slice(0, 100); });
      if (out) wrong(`${key} in the open menu: got the focus on ${out}, want it in the menu`);
    }
  }
  await phone.click('#nav .close');
  check('inert parts after the menu', await inert(), '');
});

// tabThrough presses Tab until the page ends, and reports the actions that had no focus or had it
// out of order.
async function tabThrough(page, path) {
  await page.goto(path);
  const count = await page.evaluate(() => {
    window.reached = [];
    document.activeElement.blur();
    addEventListener('focusin', (e) => window.reached.push(e.target));
    window.actions = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
      .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && !e.closest('[aria-hidden=true]') && !(e.tabIndex < 0 && e.querySelector('kbd')) && (e.type !== 'radio' || e.checked));
    return window.actions.length;
  });
  check(`${path}: has actions`, count > 3, true);
  for (let i = 0; i < count + 5; i++) await page.keyboard.press('Tab');
  const [missed, disordered] = await page.evaluate(() => {
    const { reached, actions } = window, first = reached.filter((e, i) => reached.indexOf(e) === i && actions.includes(e));
    const missed = actions.filter((e) => !reached.includes(e)), from = actions.indexOf(first[0]);
    const want = [...actions.slice(from), ...actions.slice(0, from)].filter((e) => reached.includes(e));
    const show = (e) => (e ? e.outerHTML.slice(0, 120) : '');
    return [missed.map(show).slice(0, 3), show(first.find((e, i) => e !== want[i]))];
  });
  for (const e of missed) wrong(`${path}: Tab does not reach ${e}`);
  check(`${path}: first action out of order`, disordered, '');
}
