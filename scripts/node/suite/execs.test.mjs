import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before } from 'node:test';
import grpc from '@grpc/grpc-js';
import { call, collect, send } from '../client.mjs';
import { errorInfo } from '../details.mjs';
import { eventually, failure, hawse, load, running, test } from '../fixture.mjs';

before(() => load());
after(() => hawse.close());

async function start(container, args, more = {}) {
  const { exec } = await call(hawse.execs, 'startExec', { start: { container, args, ...more } });
  return exec;
}

/** Attaches, and collects to the end. */
async function attach(execId, { input, ...more } = {}) {
  const stream = hawse.execs.attachExec();
  const result = collect(stream);
  result.catch(() => {});
  await send(stream, { start: { execId, stdin: input !== undefined, ...more } });
  if (input !== undefined) {
    await send(stream, { stdin: input });
    await send(stream, { stdinEof: {} });
  }
  try {
    return await result;
  } finally {
    stream.end();
  }
}

async function get(execId) {
  const { exec } = await call(hawse.execs, 'getExec', { execId });
  return exec;
}

function ended(execId) {
  return eventually(() => get(execId), ({ state }) => state === 'EXEC_STATE_EXITED');
}

test('a command and all it said is one call', async (t) => {
  const { id } = await running(t);
  const input = randomBytes(100_000);
  const answer = await call(hawse.execs, 'runExec', {
    start: { container: id, args: ['sh', '-c', 'cat; printf oops >&2; exit 3'] },
    stdin: input,
  });
  assert.ok(answer.stdout.equals(input));
  assert.equal(answer.stderr.toString(), 'oops');
  assert.equal(answer.stdoutTruncated, false);
  assert.equal(answer.exited.outcome.code, 3);
  assert.equal(answer.containerId, id);
});

test('output beyond the cap is dropped and counted', async (t) => {
  const { id } = await running(t);
  const answer = await call(hawse.execs, 'runExec', {
    start: { container: id, args: ['sh', '-c', 'head -c 300000 /dev/zero'] },
    maxOutput: 1000,
  });
  assert.equal(answer.stdout.length, 1000);
  assert.equal(answer.stdoutTruncated, true);
  assert.equal(answer.stderrTruncated, false);
  assert.equal(answer.exited.stdoutBytes, 300_000);
});

test('a program that is not there has no exec id', async (t) => {
  const { id } = await running(t);
  const answer = await call(hawse.execs, 'runExec', { start: { container: id, args: ['/no/such/program'] } });
  assert.equal(answer.execId, '');
  assert.equal(answer.exited.outcome.spawnFailure.shellCode, 127);
});

test('a command that is started runs without its caller and is read later', async (t) => {
  const { id } = await running(t);
  const exec = await start(id, ['sh', '-c', 'echo out; echo err >&2; exit 4']);
  assert.match(exec.id, /^[0-9a-f]{64}$/);
  assert.equal(exec.containerId, id);
  const record = await ended(exec.id);
  assert.equal(record.exited.outcome.code, 4);
  assert.deepEqual(record.head, { stdout: 4, stderr: 4 });
  const result = await attach(exec.id.slice(0, 16), { oldest: {} });
  assert.equal(result.attached.exec.id, exec.id);
  assert.equal(result.stdout.toString(), 'out\n');
  assert.equal(result.stderr.toString(), 'err\n');
  assert.equal(result.exited.outcome.code, 4);
});

test('an attached caller reads on from any byte that is kept', async (t) => {
  const { id } = await running(t);
  const { id: execId } = await start(id, ['seq', '1', '1000']);
  await ended(execId);
  const whole = await attach(execId, { oldest: {} });
  const rest = await attach(execId, { offsets: { stdout: 1234, stderr: 0 } });
  assert.equal(rest.stdout.toString(), whole.stdout.toString().slice(1234));
  const error = await failure(attach(execId, { offsets: { stdout: 1_000_000, stderr: 0 } }));
  assert.equal(error.code, grpc.status.OUT_OF_RANGE, error.message);
  assert.equal(errorInfo(error).reason, 'OFFSET_OUT_OF_RANGE');
});

test('two callers read the same bytes, and one of them writes', async (t) => {
  const { id } = await running(t);
  const { id: execId } = await start(id, ['cat'], { io: { stdin: true } });
  const reader = attach(execId, { oldest: {} });
  await eventually(() => get(execId), ({ viewers }) => viewers === 1);
  const writer = await attach(execId, { oldest: {}, input: Buffer.from('to both') });
  assert.equal(writer.stdout.toString(), 'to both');
  assert.equal((await reader).stdout.toString(), 'to both');
});

test('the input has one writer, until another one takes it', async (t) => {
  const { id } = await running(t);
  const { id: execId } = await start(id, ['cat'], { io: { stdin: true } });
  const first = hawse.execs.attachExec();
  const told = collect(first);
  await send(first, { start: { execId, stdin: true } });
  await eventually(() => get(execId), ({ hasWriter }) => hasWriter);
  const error = await failure(attach(execId, { input: Buffer.from('x') }));
  assert.equal(error.code, grpc.status.FAILED_PRECONDITION, error.message);
  assert.equal(errorInfo(error).reason, 'WRITER_TAKEN');
  await attach(execId, { takeOver: true, input: Buffer.from('x') });
  const result = await told;
  assert.ok(result.writerLost);
  assert.equal(result.stdout.toString(), 'x');
  first.end();
});

test('commands are listed by container and state', async (t) => {
  const { id } = await running(t);
  const { id: done } = await start(id, ['true']);
  const { id: busy } = await start(id, ['sleep', '1000']);
  await ended(done);
  const all = await call(hawse.execs, 'listExecs', { container: id });
  assert.deepEqual(all.execs.map((exec) => exec.id), [busy, done]);
  const states = ['EXEC_STATE_RUNNING'];
  const { execs } = await call(hawse.execs, 'listExecs', { container: id, states });
  assert.deepEqual(execs.map((exec) => exec.id), [busy]);
});

test('a signal reaches a command and what descends from it', async (t) => {
  const { id } = await running(t);
  const { id: execId } = await start(id, ['sh', '-c', 'sleep 4711 & wait']);
  const children = async () => {
    const { processes } = await call(hawse.containers, 'listProcesses', { container: id });
    return processes.filter(({ args }) => args.includes('4711'));
  };
  await eventually(children, ({ length }) => length > 0);
  await call(hawse.execs, 'signalExec', { execId, signal: { signal: 'KILL', scope: 'SIGNAL_SCOPE_TREE' } });
  assert.equal((await ended(execId)).exited.outcome.signal, 9);
  await eventually(async () => (await children()).filter(({ args }) => args[0] === 'sleep'), ({ length }) => length === 0);
});

test('a command whose time is over is ended and says so', async (t) => {
  const { id } = await running(t);
  const { id: execId } = await start(id, ['sleep', '1000'], { timeout: { seconds: 1 } });
  assert.equal((await ended(execId)).exited.timedOut, true);
});

test('a request that is repeated starts nothing', async (t) => {
  const { id } = await running(t);
  const more = { requestId: randomBytes(8).toString('hex') };
  const request = { start: { container: id, args: ['sleep', '1000'], ...more } };
  const first = await call(hawse.execs, 'startExec', request);
  const second = await call(hawse.execs, 'startExec', request);
  assert.equal(first.existing, false);
  assert.equal(second.existing, true);
  assert.equal(second.exec.id, first.exec.id);
  const error = await failure(start(id, ['sleep', '2000'], more));
  assert.equal(error.code, grpc.status.ALREADY_EXISTS, error.message);
  assert.equal(errorInfo(error).reason, 'REQUEST_ID_REUSED');
});

test('a command that nobody knows is not found', async () => {
  const error = await failure(get('f'.repeat(64)));
  assert.equal(error.code, grpc.status.NOT_FOUND, error.message);
  assert.equal(errorInfo(error).reason, 'EXEC_NOT_FOUND');
});
