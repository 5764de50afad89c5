import { extractors, rules } from '../rules/registry.generated.ts';
import { configSchema } from '../server/engine/config-schema.ts';
import { Workspace } from '../server/engine/workspace.ts';
import { createSyntaxes } from '../syntaxes/registry.ts';
import { groupFindings } from '../server/engine/rollup.ts';
const lines = Number(process.argv[2] ?? 1000);
const compose = (lines:number, seed=0) => { const services = Array.from({ length: Math.ceil(lines / 10) }, (_, i) => [`  service-${seed}-${i}:`,`    image: redis:7.${i}`,'    ports:',`      - "${6000 + i}:6379"`,'    environment:','      LOG_LEVEL: info','    secrets:','      - source: key','        mode: 0444','    restart: always'].join('\n')); return `services:\n${services.join('\n')}\nsecrets:\n  key:\n    file: ./key\n`; };
const w = new Workspace({ rules, extractors, schema: configSchema(rules), syntaxes: createSyntaxes({}), roots: ['file:///w'], profile: 'recommended', today: () => '2026-11-24' });
const text = compose(lines); const uri='file:///w/compose.yaml';
const other = text.replace('redis:7.50','redis:7.501');
const t = (f:()=>void)=>{const a=process.cpuUsage(); f(); const b=process.cpuUsage(a); return (b.user+b.system)/1000;};
const up:number[]=[], ch:number[]=[], gr:number[]=[];
for (let i=0;i<60;i++){ const u=t(()=>w.update([{uri,text:i%2?other:text}])); let r:any; const c=t(()=>{r=w.check(uri)}); const g=t(()=>{groupFindings(r.findings)}); if(i>=20){up.push(u);ch.push(c);gr.push(g);} }
const q=(a:number[],p:number)=>a.sort((x,y)=>x-y)[Math.floor(a.length*p)]!.toFixed(1);
console.log('update p50/p95',q(up,.5),q(up,.95),'check',q(ch,.5),q(ch,.95),'group',q(gr,.5),q(gr,.95), 'findings', w.check(uri).findings.length);
