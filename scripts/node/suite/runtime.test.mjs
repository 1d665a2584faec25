import assert from 'node:assert/strict';
import { after } from 'node:test';
import { call } from '../client.mjs';
import { hawse, test } from '../fixture.mjs';

after(() => hawse.close());

const SERVING = 1;

test('the health service says that it serves', async () => {
  assert.equal((await call(hawse.health, 'check')).status, SERVING);
});

test('the server tells its version', async () => {
  const version = await call(hawse.runtimes, 'getVersion');
  assert.match(version.version, /^\d+\.\d+\.\d+/);
  assert.equal(version.apiVersion, 'v1');
});

test('containerd is listed as the active runtime with what it can do', async () => {
  const { runtimes } = await call(hawse.runtimes, 'listRuntimes');
  const active = runtimes.filter((runtime) => runtime.active);
  assert.equal(active.length, 1);
  assert.equal(active[0].kind, 'RUNTIME_KIND_CONTAINERD');
  assert.equal(active[0].available, true, active[0].unavailableReason);
  assert.ok(active[0].capabilities.includes('CAPABILITY_EXEC'));
});

test('the server knows which process asks', async () => {
  const { caller } = await call(hawse.runtimes, 'getInfo');
  assert.equal(caller.pid, process.pid);
  assert.equal(caller.uid, process.getuid());
});
