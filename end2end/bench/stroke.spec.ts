// What the browser makes of canvases: the bytes of `toBlob` as PNG and as WebP, of each PNG in the folder
// PENTIMENTO_CANVASES, to the file PENTIMENTO_FIGURES.

import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';

test('how large the browser makes the same canvases', async ({ page }) => {
  const folder = process.env.PENTIMENTO_CANVASES!;
  const sizes: Record<string, [number, number]> = {};
  for (const file of await readdir(folder)) {
    const picture = (await readFile(join(folder, file))).toString('base64');
    sizes[file.replace('.png', '')] = await page.evaluate(async (picture) => {
      const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
      canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
      const size = async (type: string) =>
        (await new Promise<Blob>((done) => canvas.toBlob((blob) => done(blob!), type))).size;
      return [await size('image/png'), await size('image/webp')] as [number, number];
    }, picture);
  }
  expect(Object.keys(sizes).length).toBeGreaterThan(0);
  await writeFile(process.env.PENTIMENTO_FIGURES!, JSON.stringify(sizes));
});
