import { extractors, rules } from '../../rules/registry.generated.ts';
import { configSchema } from '../../server/engine/config-schema.ts';
import { Workspace } from '../../server/engine/workspace.ts';
import { createSyntaxes } from '../../syntaxes/registry.ts';
import { type Measure, median } from './measure.ts';

/** How time grows with size: the slope of log(time) over log(size); 1 is linear. */
export function growth(): Measure[] {
  return [
    {
      name: 'growth exponent: services in one Compose file',
      value: exponent([200, 400, 800, 1600], composeOf),
      unit: '',
      target: 1.15,
    },
    {
      name: 'growth exponent: instructions in one Dockerfile',
      value: exponent([500, 1000, 2000, 4000], dockerfileOf),
      unit: '',
      target: 1.15,
    },
    {
      name: 'growth exponent: servers in one nginx file',
      value: exponent([500, 1000, 2000, 4000], nginxOf),
      unit: '',
      target: 1.15,
    },
    {
      name: 'growth exponent: alerts in one rule file',
      value: exponent([250, 500, 1000, 2000], rulesOf),
      unit: '',
      target: 1.15,
    },
    {
      name: 'growth exponent: Compose files with their Dockerfiles',
      value: exponent([100, 200, 400, 800], stacksOf),
      unit: '',
      target: 1.15,
    },
  ];
}

type Files = Readonly<Record<string, string>>;

function exponent(sizes: readonly number[], make: (size: number) => Files): number {
  scan(make(sizes[0] ?? 1));
  const points = sizes.map((size) => ({
    x: Math.log(size),
    y: Math.log(median([1, 2, 3].map(() => scan(make(size))))),
  }));
  const meanX = points.reduce((sum, point) => sum + point.x, 0) / points.length;
  const meanY = points.reduce((sum, point) => sum + point.y, 0) / points.length;
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
}

function scan(files: Files): number {
  const start = performance.now();
  const workspace = new Workspace({
    rules,
    extractors,
    syntaxes: createSyntaxes({}),
    schema: () => configSchema(rules),
    roots: ['file:///w'],
    profile: 'strict',
    today: () => '2026-01-01',
  });
  workspace.update(Object.entries(files).map(([path, text]) => ({ uri: `file:///w/${path}`, text })));
  for (const uri of workspace.uris()) workspace.check(uri);
  return performance.now() - start;
}

function composeOf(size: number): Files {
  return {
    'compose.yaml': `services:\n${repeat(size, (i) => `  s${i}:\n    image: redis:7\n    ports:\n      - "${6000 + i}:6379"\n    environment:\n      REDIS_PASSWORD: abcdef${i}XYZ\n`)}`,
  };
}

function dockerfileOf(size: number): Files {
  return {
    Dockerfile: `FROM debian:12\n${repeat(size, (i) => `RUN apt-get update && apt-get install -y package${i} | tee log\n`)}CMD run\n`,
  };
}

function nginxOf(size: number): Files {
  return {
    'nginx.conf': `events {}\nhttp {\n${repeat(size, (i) => `  server {\n    listen 443 ssl;\n    server_name s${i}.example.com;\n    location / { proxy_pass http://b; }\n  }\n`)}}\n`,
  };
}

function rulesOf(size: number): Files {
  return {
    'alerts.yml': `groups:\n  - name: g\n    rules:\n${repeat(size, (i) => `      - alert: A${i}\n        expr: rate(x_total{i="${i}"}[5m]) / rate(y_total[5m]) > 0.1\n        for: 5m\n`)}`,
  };
}

function stacksOf(size: number): Files {
  return Object.fromEntries(
    Array.from({ length: size }, (_, i) => [
      [`p${i}/compose.yaml`, 'services:\n  web:\n    build: .\n  db:\n    image: postgres:16\n'],
      [`p${i}/Dockerfile`, 'FROM node:20\nCOPY . .\nCMD ["node", "x.js"]\n'],
    ]).flat(),
  );
}

function repeat(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, i) => make(i)).join('');
}
