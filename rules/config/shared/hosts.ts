import { settingOf } from '../../../syntaxes/appconfig/placeholder.ts';
import type { ConfigEntry } from '../../../syntaxes/appconfig/tree.ts';

/** Where a connection goes: over the machine's own loopback, to a name that only a container network knows, or further. */
export type Reach = 'loopback' | 'container' | 'remote' | 'unknown';

const HOST_KEY = /^(?:\w+_)?(?:host|hostname|server|address|addr|endpoint|url|uri|dsn|base_url|jdbc_url)$/;

/** How far a host is away, judged by its name. */
export function reachOf(host: string): Reach {
  const name = host.replace(/^\[|\]$/g, '').replace(/:\d+$/, '');
  if (name === '' || /[${}<>%\s]/.test(name)) return 'unknown';
  if (/^(?:localhost|127(?:\.\d+){3}|::1|0\.0\.0\.0)$/i.test(name) || /\.local(?:host|domain)?$/i.test(name))
    return 'loopback';
  return /[.:]/.test(name) ? 'remote' : 'container';
}

/** The host in a URL; undefined where the text is no URL with a host. */
export function hostOfUrl(url: string): string | undefined {
  return /^(?:jdbc:|r2dbc:)?[a-z][\w+.-]*:\/\/(?:[^/@\s]*@)?(\[[^\]]*\]|[^/:?#,\s]*)/i.exec(url)?.[1];
}

/** Where the connection goes that a map of settings describes: the nearest host that stands beside one of its keys. */
export function reachBeside(text: string, entry: ConfigEntry): Reach {
  for (const sibling of entry.siblings) {
    if (!sibling.scalar || !HOST_KEY.test(sibling.key)) continue;
    const setting = settingOf(text, sibling.scalar);
    if (setting.type !== 'literal') continue;
    return reachOf(hostOfUrl(setting.value) ?? setting.value);
  }
  return 'unknown';
}
