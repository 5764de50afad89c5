/** Random numbers below a limit, the same ones for the same seed. */
export function generator(seed: number): (limit: number) => number {
  let state = seed >>> 0 || 1;
  return (limit) => {
    // xorshift32
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % Math.max(1, limit);
  };
}

const PIECES: readonly string[] = [
  ...[
    '{',
    '}',
    ';',
    '"',
    "'",
    '\\',
    '\n',
    '\r\n',
    '\r',
    '#',
    '$',
    '${',
    '(',
    ')',
    ' ',
    '\t',
    '\uFEFF',
    '\u00A0',
    '\0',
  ],
  ...[
    'server {',
    'location / {',
    'location ~ ^/a{2}$ {',
    'http {',
    'map $a $b {',
    'if ($a = "b") {',
    'types {',
  ],
  ...[
    'listen 80',
    'server_name a',
    'root /srv;',
    'add_header A "b;c" always;',
    'include *.conf;',
    'proxy_pass http://a;',
  ],
  ...[
    'content_by_lua_block {',
    '[[',
    ']]',
    '--[==[',
    ']==]',
    '-- }',
    '${HOST}',
    '$http_x',
    'EXTRA_LINES\n',
    '\\;',
    '\\"',
  ],
  ...[
    '{{ x }}',
    '{{ template "x" . }}',
    '{% if x %}',
    '{% endif %}',
    '{#',
    '#}',
    '<%= @x %>',
    '<%',
    '%>',
    '}}',
    '%}',
  ],
];

/** A text with some changes: pieces put in, taken out, doubled, moved, or taken from another text. */
export function mutate(text: string, other: string, random: (limit: number) => number): string {
  let next = text;
  for (let edits = 1 + random(5); edits > 0; edits--) {
    const at = random(next.length + 1);
    const length = random(random(4) === 0 ? 200 : 12);
    const piece = next.slice(at, at + length);
    const from = random(other.length);
    const choices = [
      () => next.slice(0, at) + (PIECES[random(PIECES.length)] ?? '') + next.slice(at),
      () => next.slice(0, at) + (PIECES[random(PIECES.length)] ?? '') + next.slice(at + length),
      () => next.slice(0, at) + next.slice(at + length),
      () => next.slice(0, at) + piece + next.slice(at),
      () => next.slice(0, at) + other.slice(from, from + length * 4) + next.slice(at),
      () => next.slice(0, at + length),
      () => next.slice(at),
      () => next.replaceAll('\n', '\r\n'),
    ];
    // The last ones leave little of the text, so they are rare.
    next = (choices[random(random(6) === 0 ? choices.length : 5)] ?? choices[0])?.() ?? next;
  }
  return next;
}
