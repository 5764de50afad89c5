import { type ComposeTree, itemsAt, lookup, mapAt, scalarAt } from '../../../syntaxes/compose/tree.ts';

/** The names, in lower case, under which the services of a project reach each other. */
export function hostsNear(tree: ComposeTree): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const service of [...tree.services, ...tree.project.services.values()]) {
    hosts.add(service.name.toLowerCase());
    for (const key of ['container_name', 'hostname', 'domainname']) {
      const scalar = scalarAt(service.effective, key);
      if (scalar) hosts.add(scalar.value.toLowerCase());
    }
    for (const [network] of mapAt(service.effective, 'networks')?.entries ?? []) {
      for (const { value } of itemsAt(service.effective, 'networks', network, 'aliases'))
        if (value?.type === 'scalar') hosts.add(value.node.value.toLowerCase());
      const address = lookup(service.effective, 'networks', network, 'ipv4_address')?.value;
      if (address?.type === 'scalar') hosts.add(address.node.value);
    }
    for (const { value } of itemsAt(service.effective, 'extra_hosts'))
      if (value?.type === 'scalar') hosts.add(value.node.value.split(/[:=]/)[0]?.toLowerCase() ?? '');
  }
  return hosts;
}
