import { expect, test } from 'vitest';
import { formatRoute, parseRoute, type RouteInput } from '../app/route.ts';
import { addressIn, linkToChoice, linkToPair, linkToTable, linkToTraces } from './address.ts';

const read = (hash: string) => addressIn(parseRoute(hash));
const through = (route: RouteInput) => read(formatRoute(route));

test('what is not understood is left to the room', () => {
  expect(read('#/diff')).toEqual({ page: 'last' });
  expect(read('#/diff/only-one')).toEqual({ page: 'last' });
  expect(
    read('#/diff/a/b?align=moon&request=-1&events=x,&range=9,2&own=1&tab=no&per=day'),
  ).toMatchObject({
    page: 'pair',
    view: {
      align: null,
      request: null,
      events: [null, null],
      range: null,
      own: null,
      tab: 'events',
      per: 'request',
    },
  });
});

test('a view of two traces survives the way through its link', () => {
  const view = {
    a: 'sample/map 64k.mctrace',
    b: 'user/ä,b.mctrace',
    align: 'request',
    request: 12,
    events: [null, null],
    normalise: true,
    range: { from: -1500, to: 2500 },
    own: { from: 0, to: 10 },
    tab: 'safety',
    per: 'total',
  } as const;
  expect(through(linkToPair(view))).toEqual({ page: 'pair', view });
  const event = { ...view, align: 'event', request: null, events: [7, null] } as const;
  expect(through(linkToPair(event))).toEqual({ page: 'pair', view: event });
});

test('a table survives, each trace once', () => {
  const view = {
    traces: ['sample/a', 'user/b', 'user/c'],
    baseline: 'user/b',
    sort: 'throughput',
    descending: true,
    turned: true,
  };
  expect(through(linkToTable(view))).toEqual({ page: 'table', view });
  expect(read('#/diff?traces=x,y,x')).toMatchObject({ view: { traces: ['x', 'y'] } });
});

test('traces lead to a choice, to two timelines or to a table', () => {
  expect(through(linkToTraces([]))).toEqual({ page: 'choose', chosen: [] });
  expect(through(linkToTraces(['x']))).toEqual({ page: 'choose', chosen: ['x'] });
  expect(through(linkToTraces(['x', 'y']))).toMatchObject({
    page: 'pair',
    view: { a: 'x', b: 'y' },
  });
  expect(through(linkToTraces(['x', 'y', 'z']))).toMatchObject({ page: 'table' });
  expect(through(linkToChoice(['x', 'y']))).toEqual({ page: 'choose', chosen: ['x', 'y'] });
});
