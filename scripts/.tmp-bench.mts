import { readFileSync } from 'node:fs';
const src = readFileSync('/work/main/scripts/bench/server.ts','utf8').replace("const MANY = 10_000","const MANY = Number(process.env.MANY)");
import { writeFileSync } from 'node:fs';
writeFileSync('/work/main/scripts/bench/.tmp-server.ts', src);
const { server } = await import('/work/main/scripts/bench/.tmp-server.ts');
for (const m of await server()) console.log(m.name, m.value.toFixed(2), m.unit, '<=', m.target);
