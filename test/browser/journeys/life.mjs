// A loan's life by four users: an officer registers a client and applies, the branch manager
// approves, a teller disburses, and another receives a payment.
import { check, journey, sendMain, signIn } from './world.mjs';

await journey(async () => {
  const officer = await signIn('oficial.oaxaca', { path: '/console/clients/new' });
  for (const [name, value] of Object.entries({ given_names: 'Emma', paternal_surname: 'Gómez', maternal_surname: 'Díaz', birth_date: '31/12/1956', 'phones.0.number': '9512345678' })) {
    await officer.fill(`[name="${name}"]`, value);
  }
  await officer.getByRole('button', { name: 'Registrar' }).first().click();
  await officer.waitForURL(/\/clients\/C-/);
  const client = officer.url().match(/C-[\d-]+/)[0];
  check('client', await officer.textContent('h1'), /Emma Gómez Díaz/);

  await officer.goto(`/console/applications/new?q=${client}`);
  await officer.click('.results button');
  await officer.waitForSelector('[name=periods]');
  await officer.selectOption('[name=product]', { label: 'Crédito simple' });
  await officer.fill('[name=amount]', '12,000');
  await officer.fill('[name=rate]', '36');
  await officer.fill('[name=periods]', '12');
  await officer.press('[name=periods]', 'Tab');
  await officer.waitForSelector('#quote .table');
  await sendMain(officer); // the terms
  await sendMain(officer); // the file and the capacity
  await sendMain(officer); // the review
  const loan = officer.url().match(/P-[\d-]+/)[0];

  const manager = await signIn('gerente.oaxaca', { path: '/console/approvals' });
  await manager.locator('.pick a', { hasText: 'Emma Gómez' }).first().click();
  await manager.waitForSelector('article.decision');
  check('request', await manager.textContent('article.decision'), /\$12,000\.00/);
  const visible = await manager.locator('[value=approve]').boundingBox();
  check('button to approve without scrolling', visible !== null && visible.y + visible.height <= 768, true);
  const decided = manager.waitForNavigation();
  await manager.click('[value=approve]');
  await decided;

  const teller = await signIn('caja.oaxaca', { path: `/console/loans/${loan}/disbursement?method=transfer` });
  if (await teller.locator('[name=account]').count()) await teller.selectOption('[name=account]', { index: 0 });
  await sendMain(teller);
  await teller.goto(`/console/loans/${loan}`);
  check('loan', await teller.textContent('main'), /Tabla de amortización/);

  const second = await signIn('caja2.oaxaca', { path: `/console/till/payment?loan=${loan}&amount=500&method=transfer` });
  await sendMain(second);
  check('receipt', await second.textContent('.receipt'), /\$500\.00/);
});
