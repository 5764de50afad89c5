import type { ShellCommand, ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { type LocatedCommand, runCommands, stagePlace } from './shared/stages.ts';
import { exportedSettings, type Hit, variableSettings, writtenSettings } from './shared/tls-settings.ts';

export const rule = defineRule({
  id: 'dockerfile/tls-verification-disabled',
  title: 'Certificates are not verified',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Without verification everyone between the build and the server can answer in the server's place: what is downloaded
becomes part of the image, and tokens that are sent are read. A setting in \`ENV\` or in a configuration file does the same to every
connection of the running container.`,
    fix: `Remove the option. Where a certificate authority of one's own signs, copy its certificate into the image and name it
(\`update-ca-certificates\`, \`curl --cacert\`, \`NODE_EXTRA_CA_CERTS\`, \`pip --cert\`).`,
    falsePositives: 'Silent for requests to the container itself (`localhost`), as health checks make them.',
    cwe: [295],
    references: [
      'https://curl.se/docs/manpage.html#-k',
      'https://pip.pypa.io/en/stable/cli/pip/#cmdoption-trusted-host',
    ],
  },
  bad: [
    {
      name: 'curl, among other short options',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN apk add curl && \\\n    curl «-fksSL» -o /a https://example.com/a\n`,
      },
      fixed: `FROM alpine:3.22\nRUN apk add curl && \\\n    curl -fsSL -o /a https://example.com/a\n`,
    },
    {
      name: 'long options',
      files: {
        Dockerfile: `FROM alpine:3.22
RUN curl «--insecure» https://example.com/a -o /a
RUN wget «--no-check-certificate» -q https://example.com/b
`,
      },
      fixed: `FROM alpine:3.22
RUN curl https://example.com/a -o /a
RUN wget --no-check-certificate -q https://example.com/b
`,
    },
    {
      name: 'package managers',
      files: {
        Dockerfile: `FROM node:22
RUN pip install «--trusted-host» pypi.org --trusted-host files.pythonhosted.org flask
RUN npm config set «strict-ssl» false
RUN git config --global «http.sslVerify» false
RUN git -c «http.sslVerify=false» clone https://example.com/a.git
RUN yum install -y «--setopt=sslverify=false» git
RUN yum-config-manager --save «--setopt=epel.sslverify=0» && dnf config-manager setopt «epel.sslverify=no»
RUN apt-get «-o» Acquire::https::Verify-Peer=false update
`,
      },
      fixed: `FROM node:22
RUN pip install flask
RUN npm config set strict-ssl false
RUN git config --global http.sslVerify false
RUN git -c http.sslVerify=false clone https://example.com/a.git
RUN yum install -y --setopt=sslverify=false git
RUN yum-config-manager --save --setopt=epel.sslverify=0 && dnf config-manager setopt epel.sslverify=no
RUN apt-get -o Acquire::https::Verify-Peer=false update
`,
    },
    {
      name: 'variables, in the image and in a step',
      files: {
        Dockerfile: `FROM node:22
ENV «NODE_TLS_REJECT_UNAUTHORIZED»=0
RUN «GIT_SSL_NO_VERIFY=1» git clone https://example.com/a.git
ARG «GIT_SSL_NO_VERIFY»=false
ENV «GOINSECURE» *.git.example.com
RUN export «PYTHONHTTPSVERIFY=0» && pip install flask
ENV «PIP_TRUSTED_HOST»="pypi.org files.pythonhosted.org" «CURL_CA_BUNDLE»=""
`,
      },
    },
    {
      name: 'configuration files',
      files: {
        Dockerfile: `FROM fedora:42
RUN echo «"sslverify=false"» >> /etc/dnf/dnf.conf
RUN echo «insecure» >> ~/.curlrc && printf «'check_certificate = off\\n'» >> /etc/wgetrc
RUN echo «strict-ssl=false» > .npmrc
RUN echo «'Acquire::https::Verify-Peer "false";'» > /etc/apt/apt.conf.d/99insecure
RUN python3 -m pip install «--trusted-host» pypi.org flask
RUN pip config set «global.trusted-host» "pypi.org"
RUN composer config -g «disable-tls» true
`,
      },
    },
  ],
  good: [
    {
      name: 'options that only look like it',
      files: {
        Dockerfile: `FROM alpine:3.22
RUN curl -o k https://example.com/a && curl -sSLokey https://example.com/key && curl -Hk:v https://example.com
RUN tar -xkf a.tar && wget -k https://example.com && sort -k 2 file
RUN echo "curl -k https://example.com" >> /README
RUN pip install --index-url https://pypi.example.com/simple flask
RUN npm config set strict-ssl true && git config --global http.sslVerify true
RUN echo "sslverify=true" >> /etc/yum.conf && yum-config-manager --save --setopt=epel.sslverify=1 && echo insecure >> /README && echo "strict-ssl=true" > .npmrc
RUN python -m pip install flask && composer config -g disable-tls false
`,
      },
    },
    {
      name: 'a health check of the container itself',
      files: {
        Dockerfile: `FROM alpine:3.22\nHEALTHCHECK CMD curl -fk https://localhost:8443/healthz || exit 1\n`,
      },
    },
    {
      name: 'a variable that verifies',
      files: {
        Dockerfile: `FROM node:22\nENV NODE_TLS_REJECT_UNAUTHORIZED=1 PYTHONHTTPSVERIFY=1\nENV PIP_TRUSTED_HOST=$MIRROR GOINSECURE= CURL_CA_BUNDLE=/etc/ssl/ca.pem PIP_TRUSTED_HOST=\n`,
      },
    },
  ],
  check({ tree }, context) {
    const commands = runCommands(tree, UNVERIFIED, ['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK']);
    const hits = [
      ...commands.flatMap(disabledBy),
      ...commands.flatMap(writtenSettings),
      ...commands.flatMap(exportedSettings),
      ...variableSettings(tree),
    ];
    for (const { span, what, place, fix } of hits.sort((a, b) => a.span.start - b.span.start)) {
      context.report({
        span,
        message: `${what}: anyone on the way to the server can answer in its place.`,
        place,
        fixes: () => [fix],
      });
    }
  },
});

/** A part of every option and variable below. */
const UNVERIFIED =
  /(?:^|[\s"'])-[A-Za-z0-9#:]*k|insecure|no-check|check.certificate|trusted.host|strict.?ssl|ssl_?verify|verify-(?:peer|host)|node_tls|https?verify|no_verify|disable-tls|ca_bundle/i;

const RISK = 'The download fails where the certificate is not signed by an authority that the image trusts.';

function disabledBy(located: LocatedCommand): readonly Hit[] {
  const { stage, instruction } = located;
  const { name, args } = moduleOf(located);
  const hit = insecureOption(name, args);
  if (!hit || args.some(({ value }) => /^(?:https?:\/\/)?(?:localhost|127\.|\[::1\])/.test(value))) return [];
  const edits = hit.removed.map((word) => removal(word, hit.cluster));
  const fix: Fix | undefined =
    edits.length === 0
      ? undefined
      : { title: 'Verify the certificate', safety: 'review', edits, risk: RISK, verify: 'docker build .' };
  return [
    {
      span: hit.word.span,
      what: `\`${name}\` does not verify the server's certificate`,
      place: `${stagePlace(stage)}.${instruction.keyword}.${name}[${hit.place}]`,
      ...(fix && { fix }),
    },
  ];

  function removal(word: ShellWord, cluster: string | undefined) {
    if (cluster !== undefined) return { span: word.span, text: cluster };
    return { span: { start: precedingEnd(located.command, word), end: word.span.end }, text: '' };
  }
}

interface Option {
  readonly word: ShellWord;
  /** Words that can go without harm; empty where the command would be pointless without. */
  readonly removed: readonly ShellWord[];
  /** What stays of a cluster of short options. */
  readonly cluster?: string;
  readonly place: string;
}

/** `python -m pip` is pip. */
function moduleOf({ name, args }: LocatedCommand): Pick<LocatedCommand, 'name' | 'args'> {
  const module = /^python[\d.]*$/.test(name) && args[0]?.value === '-m' ? args[1]?.value : undefined;
  return module === 'pip' ? { name: module, args: args.slice(2) } : { name, args };
}

function insecureOption(name: string, args: readonly ShellWord[]): Option | undefined {
  if (name === 'curl') return curlOption(args);
  if (name === 'wget') return flag(args, /^--no-check-certificate$/);
  if (/^pip[\d.]*$|^uv$/.test(name)) return trustedHost(args);
  if (/^(?:npm|yarn|pnpm)$/.test(name))
    return setting(args, /^strict-ssl(?:=false)?$/) ?? flag(args, /^--strict-ssl=false$/);
  if (name === 'git') return setting(args, /^http\.(?:.*\.)?sslverify(?:=false|=0)?$/i);
  if (/^(?:yum|dnf5?|microdnf|tdnf|(?:yum|dnf)-config-manager)$/.test(name)) return yumOption(name, args);
  if (/^(?:apt|apt-get)$/.test(name)) return aptOption(args);
  if (name === 'conda' || name === 'mamba') return setting(args, /^ssl_verify$/);
  if (name === 'aria2c') return flag(args, /^--check-certificate=false$/);
  if (name === 'composer') return turnedOn(args, /^disable-tls$/);
  return undefined;
}

/** Short options of curl that take the rest of the cluster, or the next word, as their value. */
const CURL_VALUED = 'AbcCdDeEFhHKmoPQrtTuUwxXyYz';

function curlOption(args: readonly ShellWord[]): Option | undefined {
  for (let i = 0; i < args.length; i++) {
    const word = args[i];
    if (!word) continue;
    if (word.value === '--insecure') return { word, removed: [word], place: '--insecure' };
    if (!/^-[A-Za-z0-9#:]/.test(word.value)) continue;
    const letters = [...word.value.slice(1)];
    const valued = letters.findIndex((letter) => CURL_VALUED.includes(letter));
    const flags = valued < 0 ? letters : letters.slice(0, valued);
    if (flags.includes('k')) {
      const rest = word.text.replace('k', '');
      return { word, removed: [word], place: '-k', ...(rest !== '-' && { cluster: rest }) };
    }
    if (valued >= 0 && valued === letters.length - 1) i++;
  }
  return undefined;
}

function flag(args: readonly ShellWord[], pattern: RegExp): Option | undefined {
  const word = args.find(({ value }) => pattern.test(value));
  return word && { word, removed: [word], place: word.value };
}

function trustedHost(args: readonly ShellWord[]): Option | undefined {
  const removed: ShellWord[] = [];
  args.forEach((word, index) => {
    const value = args[index + 1];
    if (word.value === '--trusted-host' && value) removed.push(word, value);
    else if (word.value.startsWith('--trusted-host=')) removed.push(word);
  });
  const [word] = removed;
  if (word) return { word, removed, place: '--trusted-host' };
  const key = args.findIndex(({ value }) => /^(?:global|install|user)\.trusted-host$/.test(value));
  const named = args[key];
  return named && args[key + 1] && args.some(({ value }) => value === 'set')
    ? { word: named, removed: [], place: named.value }
    : undefined;
}

/** `config set strict-ssl false`, `-c http.sslVerify=false`: the setting and its value. */
function setting(args: readonly ShellWord[], pattern: RegExp): Option | undefined {
  const at = args.findIndex(({ value }) => pattern.test(value));
  const word = args[at];
  if (!word) return undefined;
  const off = /=(?:false|0)$/.test(word.value) || /^(?:false|0|no)$/i.test(args[at + 1]?.value ?? '');
  return off ? { word, removed: [], place: word.value } : undefined;
}

/** `composer config disable-tls true`: a setting that is the switch itself. */
function turnedOn(args: readonly ShellWord[], pattern: RegExp): Option | undefined {
  const at = args.findIndex(({ value }) => pattern.test(value));
  const word = args[at];
  return word && args[at + 1]?.value === 'true' ? { word, removed: [], place: word.value } : undefined;
}

function yumOption(name: string, args: readonly ShellWord[]): Option | undefined {
  const found = flag(args, /^(?:--setopt=)?(?:[^=]+\.)?sslverify=(?:false|0|no)$/i);
  // A command that is there to write the setting has no use without it.
  const writes = name.endsWith('config-manager') || args.some(({ value }) => value === 'config-manager');
  return found && writes ? { ...found, removed: [] } : found;
}

function aptOption(args: readonly ShellWord[]): Option | undefined {
  const pattern = /^(?:-o)?Acquire::(?:https|http)(?:::[\w.-]+)?::Verify-(?:Peer|Host)=(?:false|0|no)$/i;
  const at = args.findIndex(({ value }) => pattern.test(value));
  const [before, word] = [args[at - 1], args[at]];
  if (!word) return undefined;
  return before?.value === '-o'
    ? { word: before, removed: [], place: word.value }
    : { word, removed: [], place: word.value };
}

function precedingEnd(command: ShellCommand, word: ShellWord): number {
  const words = command.name ? [command.name, ...command.args] : command.args;
  return words.findLast((each) => each.span.end <= word.span.start)?.span.end ?? word.span.start;
}
