// How well the link does, in numbers, and which way it goes.

import { expect, test } from '../fixtures/test.ts';
import { house } from '../fixtures/studio.ts';

test('the panel tells how well the link does', async ({ page, studio, server }) => {
  await studio.open();
  await studio.draw(house);
  await studio.link.click();
  const panel = page.getByTestId('measured');
  const figure = (label: string) => panel.locator(`dt:text-is("${label}") + dd`);
  await expect(figure('Round trip')).toHaveText(/\d ms/);
  await expect(figure('Down')).toHaveText(/B\/s/);
  await expect(figure('Drawing')).toHaveText(/[1-9]\d* saved/);
  await studio.generate('a house under a sun');
  await studio.finished();
  await expect(figure('Click to first step')).toHaveText(/\d ms/);
  await expect(figure('Previews')).toHaveText(/[1-9]\d* shown/);
  await expect(figure('Preview age')).toHaveText(/\d m?s/);
  // It stays while one works, and goes with Escape wherever one is.
  await studio.drawing.focus();
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await studio.link.click();
  await studio.link.click();
  await expect(panel).toBeHidden();

  const metrics = await page.request.get(`${server.address}/metrics`);
  expect(await metrics.text()).toMatch(/^pentimento_made_total [1-9]/m);
});

test('the person chooses the way, and it is remembered', async ({ page, studio }) => {
  await studio.open();
  await expect(studio.link).toHaveAttribute('data-state', 'socket');
  await studio.link.click();
  await page.getByLabel('Connect by').selectOption('Only polling');
  await expect(studio.link).toHaveAttribute('data-state', 'polling');
  await studio.reload();
  await expect(studio.link).toHaveAttribute('data-state', 'polling');
  await studio.link.click();
  await page.getByLabel('Connect by').selectOption('Whatever works');
  await expect(studio.link).toHaveAttribute('data-state', 'socket');
});
