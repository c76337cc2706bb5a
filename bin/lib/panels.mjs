// Runs the query of every panel of the dashboard, and every alert rule, on a real Prometheus that scrapes the running services.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './processes.mjs';

const PORT = 9390;
const PROMETHEUS = `http://127.0.0.1:${PORT}`;
/** The ports on which local mode serves the targets that compose's Prometheus finds by DNS. */
const TARGETS = { receiver: 9080, worker: 9081, bridge: 3001 };
const DASHBOARDS = 'monitoring/grafana';
/** Words of PromQL that are not metrics. */
const WORDS = new Set(['and', 'or', 'unless', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'bool', 'offset', 'inf', 'nan']);

/** Returns monitoring/prometheus.yml with changes only to the targets' addresses, the rules' path and the intervals. */
export function localConfig(config, rules) {
  const local = config
    .replace(/dns_sd_configs:\n\s+- names: \[(\w+)\]\n\s+type: A\n\s+port: \d+\n\s+refresh_interval: \S+/g,
      (_, name) => `static_configs: [{targets: ["127.0.0.1:${TARGETS[name]}"]}]`)
    .replace('localhost:9090', `127.0.0.1:${PORT}`)
    .replace(/scrape_interval: \S+/, 'scrape_interval: 1s')
    .replace(/evaluation_interval: \S+/, 'evaluation_interval: 2s')
    .replace('- alerts.yml', `- ${rules}`);
  if (local.includes('dns_sd_configs')) throw new Error('monitoring/prometheus.yml finds its targets in another way than this script knows');
  return local;
}

/** Returns every query of a dashboard, as Grafana would send it. */
export function queriesOf(dashboard) {
  return dashboard.panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ expr }) => ({
      panel: panel.title,
      query: expr.replaceAll('$__rate_interval', '5m').replaceAll('"$instance"', '".*"'),
    })),
  );
}

/** Returns the metrics that a query names. */
export function metricsIn(query) {
  const bare = query
    .replace(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"/g, ' ')
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  const names = [...bare.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*(?!\w|\s*\()/g)].map(([name]) => name);
  return [...new Set(names.filter((name) => !WORDS.has(name.toLowerCase())))];
}

/** Returns the name of a metric without the suffix of its kind. */
export const familyOf = (metric) => metric.replace(/_(bucket|count|sum|max|total)$/, '');

/** Returns the product's metrics that no panel shows. */
export function notShown(metrics, queries) {
  const shown = new Set(queries.flatMap(({ query }) => metricsIn(query)).map(familyOf));
  const ours = metrics.filter((metric) => /^(profilepic|bridge|resilience4j_circuitbreaker_state)/.test(metric)).map(familyOf);
  return [...new Set(ours)].filter((family) => !shown.has(family)).sort();
}

export const dashboardsOf = (root) =>
  readdirSync(join(root, DASHBOARDS))
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(root, DASHBOARDS, file), 'utf8')));

async function ask(path, parameters = {}) {
  const answer = await fetch(`${PROMETHEUS}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const { status, data, error } = await answer.json();
  if (status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${error}`);
  return data;
}

/**
 * Starts a separate Prometheus, and waits until it has scraped every target. Prometheus begins to scrape some seconds
 * after it is ready. A rate needs the scrape before the first event: without it, everything the demo counts is already
 * in the first sample, and no rate rises.
 */
export async function startPrometheus(root, processes) {
  const folder = join(root, '.local/panels');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const config = localConfig(readFileSync(join(root, 'monitoring/prometheus.yml'), 'utf8'), join(root, 'monitoring/alerts.yml'));
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const prometheus = processes.start('prometheus', 'prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${PORT}`,
  ]);
  await processes.healthy(prometheus, `${PROMETHEUS}/-/ready`);
  await until('a first scrape of every target', async () => {
    const { activeTargets } = await ask('targets', { state: 'active' });
    // Prometheus scrapes itself too.
    return activeTargets.length > Object.keys(TARGETS).length && activeTargets.every(({ health }) => health === 'up');
  });
}

/** Begins a bulk sync, pauses it and cancels it at the end, because no load leaves a waiting sync behind. */
async function withPausedSync({ receiver, apiKey, instance }, leads, use) {
  const call = async (path, body) => {
    const answer = await fetch(receiver + path, {
      method: 'POST', headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}),
    });
    if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const { sync_id: id } = await call(`/instance/${instance}/sync-profile-pics-bulk`, { phone_list: leads, force_update: true });
  await call(`/syncs/${id}/pause`);
  try {
    return await use();
  } finally {
    await call(`/syncs/${id}/cancel`);
  }
}

async function emptyOnes(queries) {
  const empty = [];
  for (const { panel, query } of queries) {
    const { result } = await ask('query', { query });
    if (!result.some(({ value }) => value[1] !== 'NaN')) empty.push(`the panel "${panel}" shows nothing: ${query}`);
  }
  return empty;
}

/** Returns the wrong rules: those that cannot be evaluated, or that name a metric that no service exposes. */
async function wrongRules(metrics) {
  const { groups } = await ask('rules');
  const rules = groups.flatMap((group) => group.rules);
  if (rules.length === 0) return ['Prometheus has no alert rules'];
  return rules.flatMap(({ name, query, health, lastError }) => [
    ...(health === 'ok' ? [] : [`the alert ${name} is ${health}: ${lastError ?? 'not evaluated'}`]),
    ...metricsIn(query).filter((metric) => !metrics.includes(metric)).map((metric) => `the alert ${name} names ${metric}, which nobody exposes`),
  ]);
}

/**
 * @param stack the running stack: the receiver's address, its key, and the demo's instance
 * @param leads the demo's leads: `{lead_id, phone}`
 * @returns {Promise<boolean>} whether every panel shows data and every rule can fire
 */
export async function checkPanels(root, stack, leads) {
  const queries = dashboardsOf(root).flatMap(queriesOf);
  console.log(`\nPanels: ${queries.length} queries on Prometheus.`);
  let problems = [];
  await withPausedSync(stack, leads, () =>
    until('data in every panel', async () => (problems = await emptyOnes(queries)).length === 0, { seconds: 90 }).catch(() => {}),
  );
  const metrics = await ask('label/__name__/values');
  await until('the rules being evaluated', async () => (await ask('rules')).groups.every(({ rules }) => rules.every(({ health }) => health !== 'unknown')));
  problems = [
    ...problems,
    ...(await wrongRules(metrics)),
    ...notShown(metrics, queries).map((family) => `no panel shows ${family}`),
  ];
  problems.forEach((problem) => console.error(`  problem: ${problem}`));
  console.log(problems.length ? `\n${problems.length} things about the dashboard are not right.` : '  every panel shows something, and every alert names what is there');
  return problems.length === 0;
}
