import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dashboardsOf, localConfig, metricsIn, notShown, queriesOf } from '../panels.mjs';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');
const read = (file) => readFileSync(join(root, file), 'utf8');
const alerts = [...read('monitoring/alerts.yml').matchAll(/- alert: (\w+)\n([\s\S]*?)(?=\n {6}- alert|$)/g)].map(([, name, rule]) => ({ name, rule }));

test('every alert links to its section of the runbook, which says what it means, how to look and how to mend', () => {
  const sections = new Map(read('docs/runbook.md').split(/^## /m).slice(1).map((text) => [text.split('\n')[0], text]));

  assert.ok(alerts.length > 20);
  for (const { name, rule } of alerts) {
    assert.match(rule, new RegExp(`runbook_url: docs/runbook.md#${name.toLowerCase()}\n`), name);
    const section = sections.get(name) ?? assert.fail(`docs/runbook.md has no section ${name}`);
    for (const part of ['**For leads**', '**Look**', '**Mend**']) assert.ok(section.includes(part), `${name} lacks ${part}`);
  }
  const of = (name) => alerts.some((alert) => alert.name === name);
  for (const name of sections.keys()) assert.ok(of(name), `docs/runbook.md has a section ${name}, and there is no such alert`);
});

test('every alert fires in a test', () => {
  const cases = read('monitoring/alerts.test.yml');

  for (const { name } of alerts) assert.match(cases, new RegExp(`alertname: ${name}\\n\\s+exp_alerts:\\n\\s+- exp_labels`), name);
});

test('metrics are told from functions, labels and words', () => {
  assert.deepEqual(metricsIn('sum by (le) (rate(a_bucket{job="x",le=~"b|c"}[5m])) / on (d) max_over_time(e:f[1d]) > 0.5 and absent(up == 1)'), ['a_bucket', 'e:f', 'up']);
  assert.deepEqual(metricsIn('60 * sum(increase(a_total{result="failed"}[30m])) or b'), ['a_total', 'b']);
});

test('a metric of ours that no panel shows is named, others are not', () => {
  const queries = [{ query: 'rate(profilepic_seen_seconds_bucket[5m])' }];

  assert.deepEqual(notShown(['profilepic_seen_seconds_sum', 'profilepic_seen_seconds_max', 'profilepic_hidden_total', 'jvm_info'], queries), ['profilepic_hidden']);
});

test('Grafana can make sense of the dashboard: unique ids, known datasource, no panel on another', () => {
  for (const { panels } of dashboardsOf(root)) {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const panel of panels.filter(({ type }) => type !== 'row')) {
      assert.equal(panel.datasource.uid, '${datasource}');
      assert.ok(panel.description, panel.title);
      const { x, y, w, h } = panel.gridPos;
      const over = panels.find(({ id, gridPos: g }) => id !== panel.id && g.x < x + w && x < g.x + g.w && g.y < y + h && y < g.y + g.h);
      assert.equal(over, undefined, panel.title);
    }
  }
  for (const { query } of dashboardsOf(root).flatMap(queriesOf)) assert.doesNotMatch(query, /\$/);
});

test('what Grafana is provisioned with is what compose mounts, and Prometheus is where compose has it', () => {
  const compose = read('docker-compose.yml');
  const [, folder] = /path: (\S+)/.exec(read('monitoring/grafana/provisioning/dashboards/profile-pic.yml'));

  assert.ok(compose.includes(`./monitoring/grafana/profile-pictures.json:${folder}/profile-pictures.json:ro`));
  assert.ok(compose.includes('./monitoring/grafana/provisioning:/etc/grafana/provisioning:ro'));
  assert.match(read('monitoring/grafana/provisioning/datasources/prometheus.yml'), /url: http:\/\/prometheus:9090\n/);
  assert.match(compose, /\n {2}prometheus:\n/);
});

test('local mode scrapes with the same jobs and labels as compose', () => {
  const local = localConfig(read('monitoring/prometheus.yml'), '/alerts.yml');

  for (const port of [9080, 9081, 3001]) assert.match(local, new RegExp(`static_configs: \\[\\{targets: \\["127.0.0.1:${port}"\\]\\}\\]`));
  assert.match(local, /- \/alerts\.yml/);
  assert.equal(local.match(/honor_labels: true/g).length, 3);
});
