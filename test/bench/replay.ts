/**
 * How smoothly a long trace is panned and zoomed in a real browser, as the browser's own tracing sees
 * it. The same wheel over a page that only moves one box stands beside it: a busy machine drops frames
 * of both.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { LabError } from '../../core/contract/index.ts';
import { chromiumOrSkip } from '../e2e/chromium.ts';
import { runEntry, until } from '../e2e/lab.ts';
import { record, scenarioOf, temporaryFolder } from './made.ts';
import { perSecond, type Bench } from './measure.ts';

const VIEW = { width: 1600, height: 1000 } as const;
const FRAME_MS = 1000 / 60;

/** The script: turns of the wheel, across and down, one a frame. */
const SCRIPT: readonly { readonly steps: number; readonly dx: number; readonly dy: number }[] = [
  // Out to the whole run, along it, in to the nanosecond, along that, and out again.
  { steps: 70, dx: 0, dy: 120 },
  { steps: 40, dx: 60, dy: 0 },
  { steps: 90, dx: 0, dy: -120 },
  { steps: 40, dx: -60, dy: 0 },
  { steps: 60, dx: 0, dy: 100 },
];

/** What one recording of the browser says. */
interface Smoothness {
  /** Frames that showed what was due, percent. */
  readonly shown: number;
  /** CPU time of the longest task of the page's main thread, ms: waiting for a CPU is not its doing. */
  readonly longestTask: number;
}

/** One record of Chromium's tracing, as far as it is read here. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** CPU time, microseconds. */
  readonly tdur?: number;
  readonly args?: {
    readonly name?: string;
    readonly frame_reporter?: { readonly frame_sequence: number; readonly state: string };
  };
}

function smoothnessOf(events: readonly TraceEvent[]): Smoothness {
  const mains = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}:${tid}`),
  );
  const tasks = events.filter(
    ({ name, pid, tid }) => name.endsWith('RunTask') && mains.has(`${pid}:${tid}`),
  );
  // A frame may be reported twice: by the compositor, and when the page's own part has come.
  const frames = new Map<number, Set<string>>();
  for (const { args } of events) {
    const frame = args?.frame_reporter;
    if (frame === undefined) continue;
    const states = frames.get(frame.frame_sequence) ?? new Set();
    frames.set(frame.frame_sequence, states.add(frame.state));
  }
  const due = [...frames.values()].filter(
    (states) => states.size > 1 || !states.has('STATE_NO_UPDATE_DESIRED'),
  );
  const shown = due.filter((states) => states.has('STATE_PRESENTED_ALL'));
  return {
    shown: (100 * shown.length) / Math.max(1, due.length),
    longestTask: Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000)),
  };
}

async function drive(page: Page, selector: string): Promise<void> {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`${selector} is not shown`);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  let due = performance.now();
  for (const { steps, dx, dy } of SCRIPT) {
    for (let step = 0; step < steps; step++) {
      // The answer is not waited for: a hand at the wheel does not wait either.
      void page.mouse.wheel(dx, dy);
      due += FRAME_MS;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    }
  }
}

async function recorded(browser: Browser, page: Page, selector: string): Promise<Smoothness> {
  await page.bringToFront();
  // Once before it counts: code is compiled then.
  await drive(page, selector);
  const categories = ['toplevel', 'disabled-by-default-devtools.timeline.frame'];
  await browser.startTracing(page, { categories });
  await drive(page, selector);
  const text = (await browser.stopTracing()).toString('utf8');
  return smoothnessOf((JSON.parse(text) as { traceEvents: TraceEvent[] }).traceEvents);
}

/** A page that moves one box whenever the wheel turns. */
const BARE = `<!doctype html><canvas width="1400" height="800"></canvas><script>
  const draw = document.querySelector('canvas').getContext('2d');
  let x = 0, due = false;
  const frame = () => {
    due = false;
    draw.clearRect(0, 0, 1400, 800);
    draw.fillRect(((x % 1000) + 1000) % 1000, 100, 200, 200);
  };
  addEventListener('wheel', (event) => {
    x += event.deltaX + event.deltaY;
    event.preventDefault();
    if (!due) due = requestAnimationFrame(frame) > 0;
  }, { passive: false });
</script>`;

interface Stage {
  readonly browser: Browser;
  /** Replay of the long trace, and the bare page. */
  readonly replay: Page;
  readonly bare: Page;
  readonly done: () => void;
}

async function stageOf(long: boolean): Promise<Stage> {
  const browser = await chromiumOrSkip();
  if (browser === undefined) {
    const remedy = 'leave this figure out with --only, or set MAPCOPY_CHROMIUM';
    throw new LabError('FILE_NOT_FOUND', 'there is no Chromium to measure with', 'bench', remedy);
  }
  const { folder, done } = temporaryFolder();
  mkdirSync(path.join(folder, 'traces'));
  // Some 18.6 events a request: one million, or ten.
  record(scenarioOf(long ? 540_000 : 54_000), path.join(folder, 'traces', 'long.mctrace'));
  writeFileSync(path.join(folder, 'bare.html'), BARE);
  const host = runEntry('electron/mapcopy.mjs', ['serve', '--no-open'], { MAPCOPY_HOME: folder });
  const find = () => /http:\/\/127\.0\.0\.1:\d+\/#token=\w+/.exec(host.output().out)?.[0];
  const replay = await browser.newPage({ viewport: VIEW });
  await replay.goto(await until(host, find));
  await replay.getByTestId('nav-replay').waitFor();
  await replay.evaluate("location.hash = '#/replay/user%2Flong.mctrace'");
  await replay.getByTestId('visible-span').waitFor();
  const bare = await browser.newPage({ viewport: VIEW });
  await bare.goto(`file://${path.join(folder, 'bare.html')}`);
  return {
    browser,
    replay,
    bare,
    done() {
      host.child.kill('SIGTERM');
      void browser.close();
      done();
    },
  };
}

const TIMELINE = '[data-testid=timeline-canvas]';

/** The goal is that no more than one frame in twenty is missed that the machine could have shown. */
export const replayFrames: Bench = {
  name: 'replay-frames',
  unit: '% shown',
  better: 'higher',
  goal: 0.95,
  rounds: 3,
  about:
    'frames in time while a long trace is panned and zoomed, against a page that moves one box',
  async prepare(long) {
    const { browser, replay, bare, done } = await stageOf(long);
    return {
      value: async () => (await recorded(browser, replay, TIMELINE)).shown,
      baseline: async () => (await recorded(browser, bare, 'canvas')).shown,
      done,
    };
  },
};

/** Columns of as many events as a window has at most, as the lab sends them. */
function windowText(): string {
  const column = Array.from({ length: 16_000 }, (_, index) => index * 1_234_567);
  return JSON.stringify(Object.fromEntries('abcdefghi'.split('').map((name) => [name, column])));
}

/** The goal amounts to 100 ms on an idle machine. */
export const replayTask: Bench = {
  name: 'replay-longest-task',
  unit: 'ms',
  better: 'lower',
  goal: 12,
  rounds: 1,
  about:
    'CPU time of the longest task of the page meanwhile, against parsing one window of 16 000 events',
  async prepare(long) {
    const { browser, replay, done } = await stageOf(long);
    const text = windowText();
    return {
      value: async () => (await recorded(browser, replay, TIMELINE)).longestTask,
      baseline: () => 1000 / perSecond(1, () => void JSON.parse(text)),
      done,
    };
  },
};
