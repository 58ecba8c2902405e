// How old a preview is when it is seen. Pages take turns: near the studio, near one that leaves a core to the
// browser, behind a long link, and one that polls as pages did before; crates/bench says where they are.

import { writeFile } from 'node:fs/promises';
import { test } from '../fixtures/test.ts';
import { house } from '../fixtures/studio.ts';

const turns = 3;
const steps = 60;

declare global {
  interface Window {
    /** Milliseconds from the end of the step to the end of the rendering that shows it. */
    ages: number[];
    watchJob(): Promise<void>;
  }
}

/** The page acknowledges a preview when it has painted it; frames say when they were made. */
function watch(): void {
  const made = new Map<number, number>();
  let acknowledged = 0;
  window.ages = [];
  window.WebSocket = class extends WebSocket {
    constructor(address: string | URL) {
      super(address);
      this.addEventListener('message', ({ data }) => {
        if (!(data instanceof ArrayBuffer)) return;
        const header = new DataView(data);
        made.set(Number(header.getBigUint64(16, true)), Number(header.getBigUint64(32, true)) / 1e3);
      });
    }

    override send(data: string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBuffer>): void {
      super.send(data);
      const sequence = typeof data === 'string' ? JSON.parse(data).sequence : undefined;
      const age = made.get(sequence);
      if (age === undefined) return;
      acknowledged = Math.max(acknowledged, sequence);
      requestAnimationFrame(() => rendered(sequence, age));
    }
  };
  const rendered = (sequence: number, at: number) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      // One that was left out for a newer one is acknowledged too.
      if (sequence === acknowledged) window.ages.push(performance.timeOrigin + performance.now() - at);
    };
    port2.postMessage(null);
  };
}

const address = (name: string): string => process.env[`PENTIMENTO_${name}`]!;

test('the age of previews', async ({ page, context, visit }) => {
  const told = { near_ms: [] as number[], spare_ms: [] as number[], far_ms: [] as number[], poller_ms: [] as number[] };
  const own = async (name: string): Promise<number[]> => {
    const page = await context.newPage();
    await page.addInitScript(watch);
    const studio = visit(page, address(name));
    await studio.open();
    await studio.draw(house);
    await studio.synced();
    await studio.set('Steps', steps);
    await studio.set('Prompt', 'a house under a sun');
    await page.evaluate(() => (window.ages = []));
    await studio.button('Generate').click();
    await studio.finished();
    const ages = await page.evaluate(() => window.ages);
    await page.close();
    return ages;
  };
  await page.goto('about:blank');
  for (let turn = 0; turn < turns; turn += 1) {
    told.near_ms.push(...(await own('NEAR')));
    told.spare_ms.push(...(await own('SPARE')));
    const polling = await context.newPage();
    await polling.goto(address('POLLER'));
    await polling.evaluate(() => window.watchJob());
    told.poller_ms.push(...(await polling.evaluate(() => window.ages)));
    await polling.close();
    told.far_ms.push(...(await own('FAR')));
  }
  await writeFile(process.env.PENTIMENTO_FIGURES!, JSON.stringify(told));
});
