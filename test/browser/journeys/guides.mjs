// The pictures of docs/guias, each where the guide shows it. This script is the only list of
// them; a picture is named after the guide and what it shows.
import { given, journey, sendMain, signIn } from './world.mjs';

const picture = async (page, name) => {
  await page.evaluate(() => document.querySelector('main > .notice.warn')?.remove()); // that the date is not today's
  await page.screenshot({ path: `${given.folder}/${name}.png`, caret: 'initial', animations: 'disabled' });
};

async function cajero() {
  const page = await signIn('caja.oaxaca', { path: '/console/till' });
  await page.fill('#in-opening', '15000');
  await sendMain(page);
  await page.goto('/console/till/payment?loan=P-100-240&amount=1000&method=cash');
  await page.fill('[name=handed]', '1,200');
  await page.waitForFunction(() => document.querySelector('#change').textContent.includes('200.00'));
  await page.waitForSelector('#preview [data-main]');
  await picture(page, 'cajero-pago');
  await sendMain(page);
  await picture(page, 'cajero-recibo');
  await page.goto('/console/till/count');
  for (const [name, pieces] of Object.entries({ n50000: '30', n10000: '9', n2000: '4', n1000: '1' })) await page.fill(`[name=${name}]`, pieces);
  await page.fill('[name=reason]', 'Cambio mal dado');
  await page.waitForFunction(() => document.querySelector('#result').textContent.includes('15,990.00'));
  await picture(page, 'cajero-arqueo');
}

async function ejecutivo() {
  const page = await signIn('oficial.oaxaca');
  await picture(page, 'ejecutivo-dia');
  await page.goto('/console/clients/new');
  for (const [name, value] of Object.entries({ given_names: 'Ana', paternal_surname: 'Nájera', maternal_surname: 'Ortiz', birth_date: '05/04/1996' })) await page.fill(`[name=${name}]`, value);
  await page.press('[name=birth_date]', 'Tab');
  await page.waitForSelector('#checks [name=confirmed]');
  await picture(page, 'ejecutivo-cliente');
  await page.goto('/console/applications/new?q=Alejandra+Ana+Silva');
  await page.click('.results button');
  await page.waitForSelector('[name=periods]');
  await page.selectOption('[name=product]', { label: 'Crédito simple' });
  for (const [name, value] of Object.entries({ amount: '18,000', rate: '36', periods: '12' })) await page.fill(`[name=${name}]`, value);
  await page.press('[name=periods]', 'Tab');
  await page.waitForSelector('#quote .table');
  await picture(page, 'ejecutivo-solicitud');
}

async function contador() {
  const page = await signIn('contador', { path: '/console/incoming/file' });
  await page.selectOption('[name=account]', { label: 'Cuenta recaudadora' });
  await page.setInputFiles('[name=file]', { name: 'banco-2026-03-02.txt', mimeType: 'text/plain', buffer: Buffer.from(given.file) });
  await sendMain(page);
  await page.waitForSelector('.table');
  await picture(page, 'contador-archivo');
  await page.goto('/console/books/entries/new');
  await page.fill('[name=description]', 'Renta de la sucursal, marzo');
  const lines = page.locator('.lines tbody tr');
  for (const [i, account, amount] of [[0, /^6401/, 0], [1, /^1102/, 1]]) {
    const label = (await lines.nth(i).locator('option').allTextContents()).find((text) => account.test(text));
    await lines.nth(i).locator('select').selectOption({ label });
    await lines.nth(i).locator('input').nth(amount).fill('8,000');
  }
  await page.waitForSelector('#totals .pill.good');
  await picture(page, 'contador-poliza');
  await page.goto('/console/days');
  await page.click('.head .btn.primary');
  await page.waitForSelector('.checks');
  await picture(page, 'contador-cierre');
}

async function cumplimiento() {
  const page = await signIn('cumplimiento', { path: '/console/alerts' });
  await page.waitForSelector('.table');
  await picture(page, 'cumplimiento-coincidencias');
  await page.goto('/console/');
  await page.click('main a[href*="clients?"]');
  await page.waitForSelector('.table');
  await picture(page, 'cumplimiento-expedientes');
  await page.goto('/console/clients/C-100-303/exposure');
  await picture(page, 'cumplimiento-riesgo');
}

await journey(async () => {
  for (const guide of [cajero, ejecutivo, contador, cumplimiento]) await guide();
});
