/**
 * A `Feature-Policy` in the syntax of `Permissions-Policy`: `geolocation 'none'` becomes `geolocation=()`. Undefined where it is
 * not understood. https://www.w3.org/TR/permissions-policy/#permissions-policy-http-header-field
 */
export function permissionsPolicyOf(policy: string): string | undefined {
  const parts = policy
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(partOf);
  return parts.length > 0 && parts.every((part) => part !== undefined) ? parts.join(', ') : undefined;
}

function partOf(part: string): string | undefined {
  const [feature = '', ...allowed] = part.split(/\s+/);
  if (!/^[a-z][a-z-]*$/.test(feature)) return undefined;
  if (allowed.includes('*')) return `${feature}=*`;
  const members = allowed.filter((one) => one !== "'none'").map(memberOf);
  return members.every((member) => member !== undefined) ? `${feature}=(${members.join(' ')})` : undefined;
}

function memberOf(allowed: string): string | undefined {
  if (allowed === "'self'" || allowed === "'src'") return allowed.slice(1, -1);
  return /^https?:\/\/[\w.:*-]+$/.test(allowed) ? `"${allowed}"` : undefined;
}
