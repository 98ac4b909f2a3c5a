// How the cost of the two standard workloads grows with nodes and with keys: measured natively,
// written down as numbers, as a table in ARCHITECTURE.md, and as a plot.

import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from '../../tools/lib/paths.mjs';
import { capture } from '../../tools/lib/process.mjs';
import { Trouble } from '../../tools/lib/trouble.mjs';

const NODES = [10, 50, 100, 500, 1000, 5000];
const KEYS = [1_000, 10_000, 100_000, 1_000_000];
// The store with many keys is played for longer, so that most of them come to be written.
const KEYS_SECONDS = 120;
// A small ring is played for longer, so that it takes long enough to be measured.
const GOSSIP_MIN = 9_000_000;
const MARKS = ['<!-- growth: made by npm run bench -- growth -->', '<!-- growth end -->'];
const DOCUMENT = 'ARCHITECTURE.md';

/** Plays it all with this program, and writes `growth.json`, `growth.svg` and the table. */
export function measureGrowth(binary) {
  const gossip = NODES.map((nodes) => {
    const seconds = Math.min(18_000, Math.max(60, GOSSIP_MIN / nodes ** 2));
    return play(binary, 'w1', ['--nodes', `${nodes}`, '--seconds', `${seconds}`]);
  });
  const store = NODES.map((nodes) => play(binary, 'w2', ['--nodes', `${nodes}`]));
  const keys = KEYS.map((keys) => ({
    drawn_from: keys,
    ...play(binary, 'w2', [
      ...['--nodes', '5', '--keys', `${keys}`, '--seconds', `${KEYS_SECONDS}`],
    ]),
  }));
  const growth = { gossip, store, keys };
  writeFileSync(inRoot('tests/bench/growth.json'), `${JSON.stringify(growth, null, 2)}\n`);
  writeFileSync(inRoot('tests/bench/growth.svg'), plot(growth));
  const document = inRoot(DOCUMENT);
  writeFileSync(document, between(readFileSync(document, 'utf8'), tableOf(growth)));
  return growth;
}

/** A process for each, so that none has the memory of another. */
function play(binary, workload, options) {
  const args = ['bench', '--json', '--runs', '1', '--workload', workload, ...options];
  const { ok, out, err } = capture(binary, args);
  if (!ok) throw new Trouble(`bench failed: ${err}`);
  const [row] = JSON.parse(out)[workload];
  const { nodes, messages, keys, ns_per_message, virtual_per_real, world_mib } = row;
  return { nodes, messages, keys, ns_per_message, virtual_per_real, world_mib };
}

const KIB = 1024;

/** The rows of the table, as Markdown. */
export function tableOf({ gossip, store, keys }) {
  const head = [
    '| | messages | ns a message | virtual s a real s | MiB | memory |',
    '|---|---|---|---|---|---|',
  ];
  const row = (what, one, memory) =>
    `| ${what} | ${grouped(one.messages)} | ${grouped(Math.round(one.ns_per_message))} | ` +
    `${significant(one.virtual_per_real)} | ${significant(one.world_mib)} | ${memory} |`;
  const each = (one) => `${significant((one.world_mib * KIB) / one.nodes)} KiB a node`;
  const eachKey = (one) => `${significant((one.world_mib * KIB) / one.keys)} KiB a key held`;
  return [
    ...head,
    ...gossip.map((one) => row(`W1, ${grouped(one.nodes)} nodes`, one, each(one))),
    ...store.map((one) => row(`W2, ${grouped(one.nodes)} nodes`, one, each(one))),
    ...keys.map((one) =>
      row(`W2, ${grouped(one.drawn_from)} keys, ${grouped(one.keys)} held`, one, eachKey(one)),
    ),
  ].join('\n');
}

/** The document with this between its marks. */
export function between(text, made) {
  const [from, to] = MARKS.map((mark) => text.indexOf(mark));
  if (from < 0 || to < from) throw new Trouble(`${DOCUMENT} has no place for the table`);
  return `${text.slice(0, from + MARKS[0].length)}\n${made}\n${text.slice(to)}`;
}

const grouped = (number) => number.toLocaleString('en');

function significant(number) {
  return number >= 99.5 ? grouped(Math.round(number)) : number.toPrecision(2);
}

/** Three small charts beside each other, both scales logarithmic. */
export function plot({ gossip, store, keys }) {
  const points = (rows, x, y) => rows.map((row) => [row[x], y(row)]);
  const time = (row) => row.ns_per_message;
  const charts = [
    {
      title: 'ns a message, by nodes',
      series: [
        { name: 'W1 gossip', color: '#0b6e99', points: points(gossip, 'nodes', time) },
        { name: 'W2 store', color: '#b3541e', points: points(store, 'nodes', time) },
      ],
    },
    {
      title: 'MiB of the world, by nodes',
      series: [
        { name: 'W1', color: '#0b6e99', points: points(gossip, 'nodes', (row) => row.world_mib) },
        { name: 'W2', color: '#b3541e', points: points(store, 'nodes', (row) => row.world_mib) },
      ],
    },
    {
      title: 'W2 with 5 nodes, by keys held',
      series: [
        { name: 'ns a message', color: '#b3541e', points: points(keys, 'keys', time) },
        { name: 'MiB', color: '#4d7c0f', points: points(keys, 'keys', (row) => row.world_mib) },
      ],
    },
  ];
  const drawn = charts.map(
    (chart, at) => `<g transform="translate(${at * 300} 0)">${draw(chart)}</g>`,
  );
  const font = 'font-family="sans-serif" font-size="11"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 260" ${font}>
<title>Time of a message and memory of a world, by nodes and by keys</title>
<rect width="900" height="260" fill="#fff"/>
${drawn.join('\n')}
</svg>
`;
}

const [LEFT, TOP, WIDTH, HEIGHT] = [52, 34, 232, 186];

function draw({ title, series }) {
  const all = series.flatMap(({ points }) => points);
  const [x, y] = [0, 1].map((axis) => decades(all.map((point) => point[axis])));
  const at = ([px, py]) => [LEFT + x.part(px) * WIDTH, TOP + (1 - y.part(py)) * HEIGHT];
  const line = 'stroke="#ddd"';
  const grid = [
    ...x.ticks.map((tick) => {
      const [px] = at([tick, y.ticks[0]]);
      const label = text(px, TOP + HEIGHT + 15, short(tick), 'text-anchor="middle"');
      return `<path d="M${px} ${TOP}v${HEIGHT}" ${line}/>${label}`;
    }),
    ...y.ticks.map((tick) => {
      const [, py] = at([x.ticks[0], tick]);
      const label = text(LEFT - 5, py + 4, short(tick), 'text-anchor="end"');
      return `<path d="M${LEFT} ${py}h${WIDTH}" ${line}/>${label}`;
    }),
  ];
  const lines = series.map(({ name, color, points }, number) => {
    const path = points
      .map((point) =>
        at(point)
          .map((n) => n.toFixed(1))
          .join(' '),
      )
      .join('L');
    const dots = points.map((point) => {
      const [cx, cy] = at(point).map((n) => n.toFixed(1));
      return `<circle cx="${cx}" cy="${cy}" r="2.5" fill="${color}"/>`;
    });
    const label = text(LEFT + 8, TOP + 16 + 14 * number, name, `fill="${color}"`);
    const stroke = `fill="none" stroke="${color}" stroke-width="1.5"`;
    return `<path d="M${path}" ${stroke}/>${dots.join('')}${label}`;
  });
  const head = text(LEFT, 20, title, 'font-weight="bold"');
  return [head, ...grid, ...lines].join('');
}

function text(x, y, words, style) {
  return `<text x="${x}" y="${y}" ${style}>${words}</text>`;
}

/** A logarithmic scale over whole powers of ten. */
function decades(values) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const ticks = Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step));
  return { ticks, part: (value) => (Math.log10(value) - low) / (high - low) };
}

function short(number) {
  if (number >= 1e6) return `${number / 1e6}M`;
  if (number >= 1e3) return `${number / 1e3}k`;
  return `${Number(number.toPrecision(1))}`;
}
