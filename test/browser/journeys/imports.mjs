// A director imports a file: uploads it, assigns a column, confirms and sees the result, on a phone
// without JavaScript up to the confirmation.
import { check, journey, signIn } from './world.mjs';

await journey(async () => {
  const page = await signIn('direccion', { path: '/console/admin/imports/new', narrow: true, script: false });
  const stamp = Date.now();
  const rows = ['No. de cliente,Nombre,Mail,Fecha de alta', `${stamp}-1,Lucía Prado,lucia.${stamp}@example.com,2019-03-01`, `${stamp}-2,Iván Mora,,30/02/2020`, `${stamp}-3,Noé Paz,,`];
  await page.selectOption('[name=kind]', 'clients');
  await page.setInputFiles('[name=file]', { name: 'clientes.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\r\n')) });
  await page.getByRole('button', { name: 'Subir y revisar' }).click();
  check('review', await page.textContent('main'), /Importar 2 clientes[\s\S]*30\/02\/2020/);
  check('wide', await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
  await page.selectOption('select[name="column.0"]', '');
  await page.getByRole('button', { name: 'Revisar de nuevo' }).click();
  check('without the number', await page.textContent('main'), /Número: Falta esta columna/);
  await page.selectOption('select[name="column.0"]', 'id');
  await page.selectOption('select[name="column.3"]', '');
  await page.getByRole('button', { name: 'Revisar de nuevo' }).click();
  await page.getByRole('button', { name: 'Importar 3 clientes' }).click();
  for (let tries = 0; tries < 100 && !/Completa/.test(await page.textContent('.head')); tries++) {
    await page.waitForTimeout(100);
    await page.goto(page.url());
  }
  check('result', await page.textContent('main'), /Completa[\s\S]*Guardados\s*3/);
  check('wide result', await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
  await page.goto('/console/admin/imports');
  check('list', await page.textContent('table'), /clientes\.csv[\s\S]*Completa/);
});
