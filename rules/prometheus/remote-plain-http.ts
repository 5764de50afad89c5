import { asSeq, pairOf, valueAt } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';

export const rule = defineRule({
  id: 'prometheus/remote-plain-http',
  title: 'Series travel to another host without TLS',
  kinds: ['prometheus-config'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /remote_(?:write|read)/,
  docs: {
    why: `All series of this Prometheus, and the password or token with which they are sent, go over the network in the clear.
Whoever is on the way reads and changes them.`,
    fix: 'Use the `https` address of the storage.',
    falsePositives: `Only names of the public internet are reported: not addresses, not names without a dot, and not those below
\`.local\`, \`.internal\`, \`.svc\` and the like, which stay in one network.`,
    cwe: [319],
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/configuration/#remote_write'],
  },
  bad: [
    {
      name: 'remote storage on the internet',
      files: {
        'prometheus.yml': `scrape_configs: []
remote_write:
  - url: «"http://metrics.acme.io/api/v1/write"»
    basic_auth: { username: a, password_file: /run/secrets/p }
remote_read: [{ url: «http://metrics.acme.io/api/v1/read» }]
`,
      },
      fixed: `scrape_configs: []
remote_write:
  - url: "https://metrics.acme.io/api/v1/write"
    basic_auth: { username: a, password_file: /run/secrets/p }
remote_read: [{ url: http://metrics.acme.io/api/v1/read }]
`,
    },
  ],
  good: [
    {
      name: 'TLS, services, addresses and names inside',
      files: {
        'prometheus.yml': `scrape_configs: []
remote_write:
  - url: https://metrics.acme.io/api/v1/write
  - url: http://mimir:9009/api/v1/push
  - url: http://localhost:9009/api/v1/push
  - url: http://10.0.0.4:9009/api/v1/push
  - url: http://mimir.monitoring.svc.cluster.local:80/api/v1/push
  - url: http://mimir.monitoring.svc/api/v1/push
  - url: http://mimir.monitoring/api/v1/push
  - url: http://mimir.corp.internal/api/v1/push
`,
      },
    },
    {
      name: 'a proxy, a placeholder, an address that is filled in',
      files: {
        'prometheus.yml': `scrape_configs: []
remote_write:
  - url: http://metrics.acme.io/push
    proxy_url: http://tunnel:3128
  - url: http://metrics.example.com/push
  - url: http://\${HOST}.acme.io/push
`,
      },
    },
  ],
  check({ tree }, context) {
    const seen = new Set<string>();
    for (const key of ['remote_write', 'remote_read']) {
      for (const item of asSeq(valueAt(tree.root, key))?.items ?? []) {
        const url = valueAt(item, 'url');
        if (url?.type !== 'scalar' || pairOf(item, 'proxy_url') || !isPublicHttp(url.value)) continue;
        const place = `${key}[${url.value.replace(/\/\/[^/@]*@/, '//')}]`;
        if (seen.has(place)) continue;
        seen.add(place);
        const edit = setScalar(url, url.value.replace(/^http:/i, 'https:'));
        context.report({
          span: url.span,
          message: 'Series and credentials go to this host in the clear.',
          place,
          fixes: () => [
            edit && {
              title: 'Use `https`',
              safety: 'review',
              edits: [edit],
              risk: 'The storage has to speak TLS at this port.',
              verify: 'promtool check config',
            },
          ],
        });
      }
    }
  },
});

/** Top names that never leave a network, or stand for one in documentation: RFC 2606, RFC 6762, RFC 8375. */
const INSIDE =
  /(?:^|\.)(?:localhost|local|localdomain|internal|intern|intra|intranet|lan|corp|home|private|svc|docker|test|example|invalid|example\.(?:com|org|net)|home\.arpa|ts\.net|consul|rancher)$/i;

/** Whether a URL is plain HTTP to a name that the public internet may know: two dots at least, or a known end. */
function isPublicHttp(url: string): boolean {
  const host = /^http:\/\/(?:[^/@\s]*@)?([A-Za-z0-9.-]+)(?::\d+)?(?:[/?#]|$)/i.exec(url)?.[1];
  if (host === undefined || INSIDE.test(host) || /^[\d.]+$/.test(host)) return false;
  return /\.(?:com|net|org|io|dev|cloud|co|eu|de|uk|fr|app|tech|ai|info|xyz)$/i.test(host);
}
