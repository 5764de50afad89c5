import { describe, expect, test } from 'vitest';
import { defineRule } from '../../rules/core/rule.ts';
import { type Jobs, jobsFor } from '../../rules/prometheus/shared/wiring.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { loadExtractors } from '../support/all-rules.ts';
import { ROOT, workspaceOf } from '../support/workspace.ts';

/* Which jobs the rules of a file can see, by the service that runs Prometheus and the configuration that it is given. */

const extractors = await loadExtractors();

const RULES = `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
`;

function jobsOf(files: Readonly<Record<string, string>>): Jobs | undefined {
  const found: (Jobs | undefined)[] = [];
  const rule = defineRule({
    id: 'prometheus/look',
    title: 'Look',
    kinds: ['prometheus-rules'],
    severity: 'info',
    confidence: 'high',
    since: '0.1.0',
    docs: { why: '', fix: '', references: [] },
    bad: [],
    good: [],
    check: ({ uri }, { facts }) => void found.push(jobsFor(facts, uri)),
  });
  const workspace = workspaceOf({ 'rules/app.yml': RULES, ...files }, { rules: [rule], extractors });
  expect(workspace.check(joinUri(ROOT, 'rules/app.yml')).muted).toEqual([]);
  expect(found).toHaveLength(1);
  return found[0];
}

function config(job: string, rest = ''): string {
  return `rule_files: [rules/*.yml]\nscrape_configs:\n  - job_name: ${job}\n    static_configs: [{ targets: ["a:80"] }]\n${rest}`;
}

function compose(command: string): string {
  return `services:\n  prom:\n    image: prom/prometheus:v3.5.0\n    command: [${command}]\n    volumes: [".:/etc/prometheus"]\n`;
}

describe('jobsFor', () => {
  test('a file that no configuration loads has none', () => {
    expect(jobsOf({})).toBeUndefined();
    expect(jobsOf({ 'prometheus.yml': config('a').replace('rules/', 'other/') })).toBeUndefined();
  });

  test('all configurations that load it count', () => {
    expect(jobsOf({ 'prometheus.yml': config('a'), 'prometheus.prod.yml': config('b') })).toEqual({
      names: expect.arrayContaining(['a', 'b']),
      complete: true,
    });
  });

  test.each([
    ['relabelling', '    relabel_configs: [{ target_label: job, replacement: x }]\n'],
    ['a map of labels', '    relabel_configs: [{ action: labelmap, regex: __meta_(.+) }]\n'],
    ['honoured labels', '    honor_labels: true\n'],
    ['targets from files', '    file_sd_configs: [{ files: [t.json] }]\n'],
    ['other files', 'scrape_config_files: [jobs/*.yml]\n'],
  ])('%s may bring others', (_, rest) => {
    expect(jobsOf({ 'prometheus.yml': config('a', rest) })?.complete).toBe(false);
  });

  test.each([
    ['--config.file=/etc/prometheus/prometheus.yml', true],
    ['--config.file=/etc/prometheus/prometheus.yml, --web.enable-remote-write-receiver', false],
    ['--config.file=/etc/prometheus/prometheus.yml, --enable-feature=otlp-write-receiver', false],
    ['--config.file=/etc/prometheus/prometheus.yml, "$' + '{FLAGS}"', false],
  ])('started with %s: %s', (command, complete) => {
    const files = { 'prometheus.yml': config('a'), 'compose.yaml': compose(command) };
    expect(jobsOf(files)?.complete).toBe(complete);
  });
});
