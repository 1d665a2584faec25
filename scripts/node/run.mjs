// Runs the suite, one file after the other, and ends with one line for scripts: "N passed, N failed".
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';

const suite = fileURLToPath(new URL('suite/', import.meta.url));
const files = readdirSync(suite).filter((name) => name.endsWith('.test.mjs')).map((name) => suite + name);
const FILE_TIMEOUT_MS = 300_000;

// The message, and of the stack what is ours.
function explain(error) {
  const lines = (error.stack ?? String(error)).split('\n');
  const ours = lines.filter((line) => !/^\s+at /.test(line) || /file:\/\/.*\.mjs/.test(line));
  return ours.map((line) => `      ${line}`).join('\n');
}

let passed = 0;
let failed = 0;
const events = run({ files, concurrency: false, timeout: FILE_TIMEOUT_MS });
events.on('test:pass', ({ name, details, nesting }) => {
  // Node reports the files, too, as tests of their own.
  if (!name.endsWith('.mjs')) {
    passed++;
    console.log(`ok    ${'  '.repeat(nesting)}${name} (${Math.round(details.duration_ms)} ms)`);
  }
});
events.on('test:fail', ({ name, details }) => {
  failed++;
  console.log(`FAIL  ${name}\n${explain(details.error.cause ?? details.error)}`);
});
events.on('test:stderr', ({ message }) => process.stderr.write(message));
events.on('end', () => {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
});
events.resume();
