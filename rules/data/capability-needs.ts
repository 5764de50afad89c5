import { parseImage } from '../core/image-reference.ts';

/*
 * Public images whose own manuals tell to add a capability, because what they are for cannot be done without it. Compiled by hand
 * on 2026-11-25; not every entry has been compared with its manual. An image that is not here needs none as far as is known.
 *
 * To check an entry, look for `cap_add` or `--cap-add` in the manual:
 * - https://github.com/linuxserver/docker-wireguard, https://github.com/wg-easy/wg-easy, https://github.com/qdm12/gluetun,
 *   https://tailscale.com/kb/1282/docker, https://docs.netbird.io, https://github.com/haugene/docker-transmission-openvpn (NET_ADMIN)
 * - https://github.com/pi-hole/docker-pi-hole (NET_ADMIN for DHCP, SYS_TIME for NTP, SYS_NICE)
 * - https://github.com/crazy-max/docker-fail2ban (NET_ADMIN), https://github.com/osixia/docker-keepalived (NET_ADMIN)
 * - https://hub.docker.com/_/vault (IPC_LOCK), https://hub.docker.com/_/mysql (SYS_NICE)
 * - https://github.com/cturra/docker-ntp (SYS_TIME)
 * - https://learn.netdata.cloud/docs/netdata-agent/installation/docker (SYS_PTRACE)
 */
const NEEDS: readonly (readonly [image: RegExp, capabilities: readonly string[]])[] = [
  [
    /wireguard|(?:^|\/)(?:wg-[\w-]+|[\w-]*openvpn[\w-]*|[\w-]*vpn[\w-]*|gluetun|tailscale|headscale|netbird|zerotier[\w-]*|nebula|amneziawg[\w-]*|strongswan|softether[\w-]*|openconnect|ocserv|v2raya|sing-box|mihomo|clash[\w-]*|warp|netmaker|netclient|firezone|gerbil)$/,
    ['NET_ADMIN'],
  ],
  [/(?:^|\/)(?:pihole|pi-hole)$/, ['NET_ADMIN', 'SYS_TIME', 'SYS_NICE']],
  [
    /(?:^|\/)(?:dnsmasq|[\w-]*dhcp[\w-]*|keepalived|fail2ban|frr|bird2?|[\w-]*firewall-bouncer[\w-]*|suricata|zeek)$/,
    ['NET_ADMIN'],
  ],
  [/(?:^|\/)suricata$/, ['SYS_NICE']],
  [/(?:^|\/)(?:vault|openbao)$/, ['IPC_LOCK']],
  [/(?:^|\/)(?:mysql|mysql-server|mariadb|percona|percona-server)$/, ['SYS_NICE']],
  [
    /(?:^|\/)(?:elasticsearch|opensearch|clickhouse-server|clickhouse|scylla|cassandra)$/,
    ['IPC_LOCK', 'SYS_NICE'],
  ],
  [/(?:^|\/)(?:ntp|chrony|ntpd|docker-ntp)$/, ['SYS_TIME']],
  [
    /(?:^|\/)(?:netdata|datadog-agent|datadog(?:hq)?\/agent|falco|process-exporter|beyla|pyroscope)$/,
    ['SYS_PTRACE', 'DAC_READ_SEARCH', 'PERFMON', 'BPF', 'SYSLOG'],
  ],
  [
    /(?:^|\/)(?:restic|restic-rest-server|backrest|borgmatic|duplicati|kopia|resticker|proxmox-backup-client)$/,
    ['DAC_READ_SEARCH'],
  ],
];

/** Whether an image is known to be of no use without a capability (without `CAP_`, in upper case). */
export function needsCapability(image: string, capability: string): boolean {
  const name = parseImage(image)?.name ?? '';
  return NEEDS.some(([pattern, capabilities]) => capabilities.includes(capability) && pattern.test(name));
}
