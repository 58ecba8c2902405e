// What the browser and the page's own code make of photographs, each PNG in the folder PENTIMENTO_CANVASES: bytes and
// milliseconds of `toBlob` as PNG and as lossless WebP, and of the tiles as they go up. To the file PENTIMENTO_FIGURES.

import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../fixtures/test.ts';

interface Coded {
  bytes: number;
  ms: number;
}

interface Photo {
  png: Coded;
  webp: Coded;
  tiles: Coded;
}

const tries = 5;

test('how large the browser makes the same photographs', async ({ page, studio }) => {
  await studio.open();
  const folder = process.env.PENTIMENTO_CANVASES!;
  const photos: Record<string, Photo> = {};
  for (const file of await readdir(folder)) {
    const picture = (await readFile(join(folder, file))).toString('base64');
    photos[file.replace('.png', '')] = await page.evaluate(
      async ({ picture, tries }) => {
        const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const canvas = document.createElement('canvas');
        const side = (length: number) => Math.floor(length / 64) * 64;
        [canvas.width, canvas.height] = [side(bitmap.width), side(bitmap.height)];
        const context = canvas.getContext('2d', { willReadFrequently: true })!;
        context.drawImage(bitmap, 0, 0);
        const parts: Uint8ClampedArray[] = [];
        for (let y = 0; y < canvas.height; y += 64) {
          for (let x = 0; x < canvas.width; x += 64) {
            parts.push(context.getImageData(x, y, 64, 64).data);
          }
        }
        const pixels = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
        const { code_tiles } = await import(new URL(document.documentElement.dataset.js!, document.baseURI).href);
        const coders = {
          png: async () => (await blob('image/png')).size,
          webp: async () => (await blob('image/webp')).size,
          tiles: async () => code_tiles(pixels).length as number,
        };
        // At its best quality WebP is lossless.
        const blob = (type: string) => new Promise<Blob>((done) => canvas.toBlob((blob) => done(blob!), type, 1));
        const coded: Record<string, Coded> = {};
        const took: Record<string, number[]> = {};
        for (let turn = 0; turn < tries; turn++) {
          for (const [name, code] of Object.entries(coders)) {
            const begun = performance.now();
            const bytes = await code();
            const times = (took[name] ??= []);
            times.push(performance.now() - begun);
            coded[name] = { bytes, ms: times.sort((a, b) => a - b)[turn >> 1]! };
          }
        }
        return coded as unknown as Photo;
      },
      { picture, tries },
    );
  }
  expect(Object.keys(photos).length).toBeGreaterThan(0);
  await writeFile(process.env.PENTIMENTO_FIGURES!, JSON.stringify(photos));
});
