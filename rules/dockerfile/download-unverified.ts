import { isShellName } from '../../syntaxes/dockerfile/shell.ts';
import { defineRule } from '../core/rule.ts';
import { downloadsOf, publicHost } from './shared/downloads.ts';
import { type LocatedCommand, runCommands, stagePlace } from './shared/stages.ts';
import { checksOf, isChecked } from './shared/verification.ts';

export const rule = defineRule({
  id: 'dockerfile/download-unverified',
  title: 'A program is downloaded and used without a checksum',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /curl|wget/i,
  docs: {
    why: `Whatever the server sends at build time becomes part of the image: a release that was replaced under the same name, a hijacked
domain or account goes unnoticed. A version in the URL does not help, since the file behind it can be changed.`,
    fix: `Compare the file with the checksum that it had when it was reviewed, before it is used:
\`echo "$SHA256  tool.tar.gz" | sha256sum -c -\`, or download it with \`ADD --checksum=sha256:… https://…\`.`,
    falsePositives: `Only files that the stage then runs, makes executable, installs or unpacks. Silent where the step or a later one of the
stage mentions a checksum or a signature, for URLs with a commit in them, which names what they hold, for private hosts, for fonts,
data and models, and where the URL is not in the file.`,
    cwe: [494],
    references: [
      'https://docs.docker.com/build/building/best-practices/#add-or-copy',
      'https://docs.docker.com/reference/dockerfile/#add---checksum',
    ],
  },
  bad: [
    {
      name: 'a binary',
      files: {
        Dockerfile: `FROM debian:12-slim
ARG V=1.31.0
RUN curl -fsSLo /usr/local/bin/kubectl «"https://dl.k8s.io/release/v\${V}/bin/linux/amd64/kubectl"» \\
    && chmod +x /usr/local/bin/kubectl
RUN wget -q «https://example.com/tools/tini» && chmod 0755 tini && mv tini /sbin/
`,
      },
    },
    {
      name: 'an archive and a package',
      files: {
        Dockerfile: `FROM debian:12-slim
RUN curl -LO «https://example.com/app-\${V}.tar.gz» && tar -C /opt -xzf app-$V.tar.gz && rm app-$V.tar.gz
RUN wget «https://example.com/tool.deb» && apt-get install -y ./tool.deb
RUN wget -O /tmp/x.zip «https://example.com/x» && cd /opt && unzip -q /tmp/*.zip
RUN curl -sSL «https://example.com/install.sh» > install.sh && bash install.sh --yes
`,
      },
    },
    {
      name: 'used in a later step',
      files: {
        Dockerfile: `FROM debian:12-slim\nRUN curl -fsSL --output /srv/agent «https://example.com/agent»\nRUN chmod a+x /srv/agent\n`,
      },
    },
  ],
  good: [
    {
      name: 'a checksum',
      files: {
        Dockerfile: `FROM debian:12-slim
RUN curl -fsSLo /usr/local/bin/a https://example.com/a && echo "abc  /usr/local/bin/a" | sha256sum -c - && chmod +x /usr/local/bin/a
`,
      },
    },
    {
      name: 'a signature in the next step',
      files: {
        Dockerfile: `FROM debian:12-slim
RUN curl -fsSLO https://example.com/a.tgz && curl -fsSLO https://example.com/a.tgz.asc
RUN gpg --batch --verify a.tgz.asc a.tgz && tar xzf a.tgz
`,
      },
    },
    {
      name: 'keys, sources and data',
      files: {
        Dockerfile: `FROM debian:12-slim
RUN curl -fsSL https://example.com/key.asc | gpg --dearmor -o /usr/share/keyrings/a.gpg
RUN curl -fsSLo /etc/apt/keyrings/b.asc https://example.com/b.asc && chmod a+r /etc/apt/keyrings/b.asc
RUN wget -O /srv/model.onnx https://example.com/model.onnx && wget https://example.com/data.csv
RUN curl -fsSLo f.zip https://example.com/fonts/noto.zip && unzip f.zip -d /usr/share/fonts
`,
      },
    },
    {
      name: 'a commit, a private host, a file that is not known',
      files: {
        Dockerfile: `FROM debian:12-slim
RUN curl -o w.sh https://raw.githubusercontent.com/a/b/81b1373f17855a4dc21156cfe1694c31d7d1792e/w.sh && chmod +x w.sh
RUN curl -o a http://artifacts/a && chmod +x a
RUN curl -o b "$URL" && chmod +x b
`,
      },
    },
    {
      name: 'not used as a program, and another file',
      files: {
        Dockerfile: `FROM debian:12-slim
RUN curl -sf https://example.com/ping > /dev/null && chmod +x /srv/run.sh
RUN curl -o /srv/page.html https://example.com/ && tar xzf /src/app.tgz && cp /srv/page.html /var/www/
`,
      },
    },
  ],
  check({ text, tree }, context) {
    const downloads = runCommands(tree, /curl|wget/).flatMap((located) =>
      downloadsOf(located.command).flatMap(({ url, file }) =>
        file !== undefined && isReplaceable(url.value) ? [{ located, url, file }] : [],
      ),
    );
    if (downloads.length === 0) return;
    const uses = usesByName(runCommands(tree, /curl|wget|chmod|tar|zip|install|dpkg|rpm|apk|sh|mv|cp/));
    const checks = new Map(tree.stages.map((stage) => [stage, checksOf(text, stage)]));
    for (const { located, url, file } of downloads) {
      const { stage, instruction, command, name } = located;
      const later = [...(uses.named.get(base(file)) ?? []), ...uses.patterns].filter(
        (each) => each.stage === stage && each.command.span.start >= command.span.end,
      );
      if (!isProgram(file, later) || isChecked(checks.get(stage) ?? [], instruction)) continue;
      const shown = base(file);
      context.report({
        span: url.span,
        message: `\`${name}\` gets \`${shown.slice(0, 50)}\`, which is used as it arrives: without a checksum another file under this name goes unnoticed.`,
        place: `${stagePlace(stage)}.RUN.${name}[${shown}]`,
      });
    }
  },
});

/** Commands by the last segments of their words, those with a pattern apart: a file has few commands that name it. */
function usesByName(commands: readonly LocatedCommand[]): {
  readonly named: ReadonlyMap<string, readonly LocatedCommand[]>;
  readonly patterns: readonly LocatedCommand[];
} {
  const named = new Map<string, LocatedCommand[]>();
  const patterns: LocatedCommand[] = [];
  for (const located of commands) {
    const words = [located.command.name, ...located.args].flatMap((word) => (word ? [base(word.value)] : []));
    if (words.some((word) => word.includes('*'))) patterns.push(located);
    for (const word of new Set(words)) {
      const same = named.get(word);
      if (same) same.push(located);
      else named.set(word, [located]);
    }
  }
  return { named, patterns };
}

const DATA =
  /fonts?\b|\.ttf|\.otf|locale|dataset|geoip|geolite|models?\b|sample|corpus|wordlist|dictionar|\.(?:onnx|csv|json|ya?ml|conf|html?|png|svg|asc|gpg|pub|crt|pem)$/i;

/** Whether another file may stand behind the URL tomorrow, and it is one of the kind that matters. */
function isReplaceable(url: string): boolean {
  return publicHost(url) !== undefined && !/[/=@-][0-9a-f]{40}(?:[/.?]|$)/i.test(url) && !DATA.test(url);
}

const INTERPRETER = /^(?:python[\d.]*|perl|ruby|node|php|java|\.|source)$/;
const UNPACKS = /^(?:tar|bsdtar|unzip|gunzip|gzip|unxz|xz|bunzip2|7z|7za|cpio|zstd|unzstd)$/;
const INSTALLS = /^(?:dpkg|rpm|apt|apt-get|apk|yum|dnf|microdnf|zypper|pip[\d.]*|npm|gem|installer|install)$/;

/** Whether a file is run, installed or unpacked by one of the commands, or lies where programs lie. */
function isProgram(file: string, commands: readonly LocatedCommand[]): boolean {
  if (/(?:^|\/)s?bin\/[^/]+$/.test(file)) return true;
  return commands.some(({ command, name, args }) => {
    const names = args.some(({ value }) => isSameFile(file, value));
    if (isSameFile(file, command.name?.value ?? '') || command.name?.value === file) return true;
    if (!names) return false;
    if (name === 'chmod')
      return /^(?:[ugoa]*\+[rwst]*x|[ugoa]*=[rw]*x|0?[0-7]*[1357][0-7]*)$/.test(modeOf(args));
    if (name === 'mv' || name === 'cp') return /\/s?bin(?:\/|$)/.test(args.at(-1)?.value ?? '');
    return isShellName(name) || INTERPRETER.test(name) || UNPACKS.test(name) || INSTALLS.test(name);
  });
}

function modeOf(args: LocatedCommand['args']): string {
  return args.find(({ value }) => !/^-(?!w)/.test(value))?.value ?? '';
}

/** Whether a word of a command names the file: by its last segment, which may be a pattern. */
function isSameFile(file: string, word: string): boolean {
  const [wanted, given] = [base(file), base(word)];
  if (given === '' || wanted === '') return false;
  const star = given.indexOf('*');
  if (star < 0) return wanted === given;
  const [head, tail] = [given.slice(0, star), given.slice(star + 1)];
  return tail !== '' && !tail.includes('*') && wanted.startsWith(head) && wanted.endsWith(tail);
}

/** The last segment, with variables in one spelling. */
function base(path: string): string {
  return path.replace(/\$\{(\w+)\}/g, '$$$1').replace(/^.*\//, '');
}
