// Runs the suite, one file after the other, and ends with one line for scripts: "N passed, N failed".
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';

const suite = fileURLToPath(new URL('suite/', import.meta.url));
const files = readdirSync(suite).filter((name) => name.endsWith('.test.mjs')).map((name) => suite + name);
const TIMEOUT_MS = 60_000;

let passed = 0;
let failed = 0;
const events = run({ files, concurrency: false, timeout: TIMEOUT_MS });
events.on('test:pass', ({ name, details, nesting }) => {
  // Node reports the files, too, as tests of their own.
  if (!name.endsWith('.mjs')) {
    passed++;
    console.log(`ok    ${'  '.repeat(nesting)}${name} (${Math.round(details.duration_ms)} ms)`);
  }
});
events.on('test:fail', ({ name, details }) => {
  failed++;
  const { error } = details;
  console.log(`FAIL  ${name}\n${(error.cause?.stack ?? error.stack ?? String(error)).replace(/^/gm, '      ')}`);
});
events.on('test:stderr', ({ message }) => process.stderr.write(message));
events.on('end', () => {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
});
events.resume();
