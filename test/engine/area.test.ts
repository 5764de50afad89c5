import { describe, expect, test } from 'vitest';
import { areaAt, areasOf } from '../../server/engine/area.ts';
import type { AnyDocument } from '../../syntaxes/document.ts';
import { syntaxFor } from '../../syntaxes/registry.ts';
import { syntaxes } from '../support/workspace.ts';

function documentOf(name: string, text: string): AnyDocument {
  const uri = `file:///workspace/${name}`;
  const syntax = syntaxFor(syntaxes, uri, text);
  if (!syntax) throw new Error(`${name} is of no kind`);
  return syntax.parse(uri, text) as AnyDocument;
}

/** The places with the texts that they cover. */
function shown(name: string, text: string): readonly (readonly [string, string])[] {
  return areasOf(documentOf(name, text)).map(({ place, span }) => [place, text.slice(span.start, span.end)]);
}

describe('areas', () => {
  test.each(['\n', '\r\n'])(
    'of a Compose file are its services with all that stands on their lines, %j',
    (eol) => {
      const web = `  web: # the shop
    image: nginx # why

    # inside
    command: |
      a
      b`;
      const db = '  db:\n    image: postgres  # the last line';
      const text = `services:\n${web}\n\n${db}\n  empty:\nvolumes:\n  data:\n`.replaceAll('\n', eol);
      expect(shown('compose.yaml', text).map(([place, part]) => [place, part.replaceAll('\r', '')])).toEqual([
        ['services.web', web],
        ['services.db', db],
        ['services.empty', '  empty'],
      ]);
    },
  );

  test('of services in flow style do not reach into each other', () => {
    expect(shown('compose.yaml', 'services: { a: {image: x}, "b": {image: y} } # end\n')).toEqual([
      ['services.a', ' a: {image: x}'],
      ['services.b', ' "b": {image: y} '],
    ]);
  });

  test('of services that are given an alias are where their names stand', () => {
    const text = 'x-base: &base\n  image: x\nservices:\n  web: *base\n  db:\n    <<: *base\n';
    expect(shown('compose.yaml', text)).toEqual([
      ['services.web', '  web: *base'],
      ['services.db', '  db:\n    <<: *base'],
    ]);
  });

  test('of a Dockerfile are the whole image, whatever the stage', () => {
    const text = '# syntax=docker/dockerfile:1\nFROM a AS build\nRUN x\nFROM b\nCOPY --from=build /x /x\n';
    expect(shown('Dockerfile', text)).toEqual([['image', text]]);
    expect(shown('Dockerfile', 'ARG VERSION=1\n')).toEqual([]);
  });

  test('of nginx are its servers, not those of an upstream', () => {
    const text = `http {
  upstream app { server a:80; }
  server { # plain
    listen 80;
  }
  server { listen 443 ssl; location / { return 204; } } # tls
}
`;
    expect(shown('nginx.conf', text)).toEqual([
      ['server[0]', '  server { # plain\n    listen 80;\n  }'],
      ['server[1]', '  server { listen 443 ssl; location / { return 204; } } # tls'],
    ]);
  });

  test('are none in other kinds of file', () => {
    expect(shown('config.yaml', 'database:\n  host: db\n')).toEqual([]);
  });
});

describe('the area at a place', () => {
  const text = 'services:\n  web:\n    image: nginx # why\n\n  db:\n    image: x\n';
  const at = (start: number, end = start) => areaAt(documentOf('compose.yaml', text), { start, end })?.place;

  test('counts from the indentation of its key to the end of its last line', () => {
    expect(at(text.indexOf('  web'))).toBe('services.web');
    expect(at(text.indexOf('# why') + 5)).toBe('services.web');
    expect(at(text.indexOf('  db'))).toBe('services.db');
  });

  test('is none between services, above them and for a selection of two', () => {
    expect(at(text.indexOf('\n\n') + 1)).toBeUndefined();
    expect(at(3)).toBeUndefined();
    expect(at(text.indexOf('image: nginx'), text.indexOf('image: x'))).toBeUndefined();
  });
});
