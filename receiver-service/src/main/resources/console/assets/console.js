'use strict';

// Times in the reader's own zone and language; the server writes them in UTC.
const language = document.documentElement.lang;
const time = new Intl.DateTimeFormat(language, { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' });
const dated = new Intl.DateTimeFormat(language, { day: '2-digit', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
const long = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'long' });

function showTimes(root) {
  for (const element of root.querySelectorAll('time[datetime]:not([title])')) {
    const at = new Date(element.dateTime);
    element.textContent = (at.getFullYear() === new Date().getFullYear() ? time : dated).format(at);
    element.title = long.format(at);
  }
}
showTimes(document);
document.body.addEventListener('htmx:load', (event) => showTimes(event.detail.elt.parentElement ?? document));

// A part that refreshes itself pauses while the page is hidden, and while the keyboard focus is inside the part.
document.body.addEventListener('htmx:beforeRequest', (event) => {
  const element = event.detail.elt;
  const repeats = (element.getAttribute('hx-trigger') ?? '').startsWith('every');
  if (repeats && (document.hidden || element.contains(document.activeElement))) event.preventDefault();
});

document.body.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (button) await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
});

// Charts.
const charts = document.querySelector('[data-charts]');

const COLOURS = ['#1f9d7a', '#3f7fd0', '#c98416', '#b755a8', '#d0524a', '#6b7d8c', '#7a9a2e', '#2aa3b5', '#9a6a3f', '#5a5fc7'];

function drawing(element, times, lines, words, seconds) {
  const style = getComputedStyle(element);
  const line = getComputedStyle(document.documentElement).getPropertyValue('--line').trim();
  const axis = { stroke: style.color, grid: { stroke: line, width: 1 }, ticks: { stroke: line }, font: '11px system-ui' };
  const amount = (value) => (value === null || value === undefined ? '–' : new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value) + (seconds ? ' s' : ''));
  return new uPlot({
    width: element.clientWidth, height: 170, cursor: { drag: { x: false, y: false } },
    series: [{ label: words.time ?? 'time', value: (u, v) => (v === null ? '–' : time.format(new Date(v * 1000))) },
      ...lines.map(({ name }, n) => ({ label: words[name] ?? name.replace(/^.*?\./, ''), stroke: COLOURS[n % COLOURS.length], width: 1.5, spanGaps: true, points: { show: false }, value: (u, v) => amount(v) }))],
    axes: [{ ...axis, values: (u, ticks) => ticks.map((at) => new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(new Date(at * 1000))) },
      { ...axis, size: 56, values: (u, ticks) => ticks.map(amount) }],
    scales: { y: { range: (u, min, max) => [0, Math.max(1, (max ?? 0) * 1.1)] } },
  }, [times, ...lines.map((each) => each.values)], element);
}

async function draw() {
  const range = charts.querySelector('[aria-pressed=true]').dataset.range;
  const answer = await fetch(`${charts.dataset.charts}?range=${range}`);
  // When the session has ended, another part of the page says so.
  if (!answer.ok || answer.redirected) return;
  const data = await answer.json();
  const words = JSON.parse(charts.dataset.words);
  for (const element of charts.querySelectorAll('[data-chart]')) {
    const kind = element.dataset.chart;
    element.replaceChildren();
    drawing(element, data.times, data[kind], words, kind === 'oldest' || kind === 'seconds');
  }
}

if (charts) {
  charts.addEventListener('click', (event) => {
    const chosen = event.target.closest('[data-range]');
    if (!chosen) return;
    for (const button of charts.querySelectorAll('[data-range]')) button.setAttribute('aria-pressed', String(button === chosen));
    draw();
  });
  let width = 0;
  new ResizeObserver(() => { if (charts.clientWidth !== width) { width = charts.clientWidth; draw(); } }).observe(charts);
  setInterval(() => { if (!document.hidden) draw(); }, 15_000);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}
