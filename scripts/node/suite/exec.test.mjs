import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before } from 'node:test';
import grpc from '@grpc/grpc-js';
import { call, collect, send } from '../client.mjs';
import { errorInfo, refusedFields } from '../details.mjs';
import { create, eventually, execute, failure, hawse, load, running, test } from '../fixture.mjs';

before(() => load());
after(() => hawse.close());

const MIB = 1024 * 1024;

async function commandsIn(container) {
  const { processes } = await call(hawse.containers, 'listProcesses', { container });
  return processes.map(({ args }) => args.join(' '));
}

test('stdout, stderr and the exit code arrive as they were', async (t) => {
  const { id } = await running(t);
  const result = await execute(id, ['sh', '-c', 'printf out; printf "\\377\\000" >&2; exit 7']);
  assert.match(result.started.execId, /^[0-9a-f]{64}$/);
  assert.equal(result.started.containerId, id);
  assert.equal(result.stdout.toString(), 'out');
  assert.deepEqual(result.stderr, Buffer.from([0xff, 0]));
  assert.equal(result.exited.outcome.code, 7);
  assert.equal(result.exited.stdoutBytes, 3);
  assert.equal(result.exited.stderrBytes, 2);
  assert.equal(result.exited.drain, 'DRAIN_STATE_COMPLETE');
});

test('environment, directory and user are the command\'s own', async (t) => {
  const { id } = await running(t);
  const start = { env: { GREETING: 'ahoy' }, workingDir: '/tmp', user: 'nobody' };
  const { stdout } = await execute(id, ['sh', '-c', 'echo $GREETING $(pwd) $(id -u)'], start);
  assert.equal(stdout.toString(), 'ahoy /tmp 65534\n');
});

test('five MiB of input come back byte for byte', async (t) => {
  const { id } = await running(t);
  const input = randomBytes(5 * MIB);
  const { stdout, exited } = await execute(id, ['cat'], { input });
  assert.equal(stdout.length, input.length);
  assert.ok(stdout.equals(input));
  assert.equal(exited.outcome.code, 0);
});

test('an end of input sent before the process exists is not lost', async (t) => {
  const { id } = await running(t);
  const { stdout } = await execute(id, ['sh', '-c', 'cat; echo end'], { input: Buffer.alloc(0) });
  assert.equal(stdout.toString(), 'end\n');
});

test('a command without input reads nothing', async (t) => {
  const { id } = await running(t);
  assert.equal((await execute(id, ['wc', '-c'])).stdout.toString().trim(), '0');
});

test('a slow reader loses nothing and stops the writer meanwhile', async (t) => {
  const { id } = await running(t);
  const stream = hawse.execs.exec();
  const total = 64 * MIB;
  const hash = createHash('sha256');
  let paused = false;
  const result = collect(stream, async ({ frame, stdout }) => {
    if (frame === 'stdout') {
      hash.update(stdout.data);
    }
    if (frame === 'stdout' && !paused) {
      paused = true;
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.ok((await commandsIn(id)).some((command) => command.startsWith('head')));
    }
  });
  await send(stream, { start: { container: id, args: ['head', '-c', String(total), '/dev/zero'] } });
  stream.end();
  const { stdout, exited } = await result;
  assert.equal(stdout.length, total);
  assert.equal(exited.stdoutBytes, total);
  assert.equal(hash.digest('hex'), createHash('sha256').update(Buffer.alloc(total)).digest('hex'));
});

test('a program that is not there is a result, with code 127', async (t) => {
  const { id } = await running(t);
  const { started, exited } = await execute(id, ['/no/such/program']);
  assert.equal(started, undefined);
  assert.equal(exited.outcome.spawnFailure.kind, 'SPAWN_FAILURE_KIND_NOT_FOUND');
  assert.equal(exited.outcome.spawnFailure.shellCode, 127);
});

test('a program that may not be executed has code 126', async (t) => {
  const { id } = await running(t);
  const { exited } = await execute(id, ['/etc/passwd']);
  assert.equal(exited.outcome.spawnFailure.kind, 'SPAWN_FAILURE_KIND_NOT_EXECUTABLE');
  assert.equal(exited.outcome.spawnFailure.shellCode, 126);
});

test('a terminal has its size from the first byte on', async (t) => {
  const { id } = await running(t);
  const io = { terminal: true, size: { columns: 101, rows: 37 } };
  const { stdout, stderr } = await execute(id, ['sh', '-c', 'stty size; echo err >&2'], { io });
  assert.equal(stdout.toString(), '37 101\r\nerr\r\n');
  assert.equal(stderr.length, 0);
});

test('a resized terminal tells the process', async (t) => {
  const { id } = await running(t);
  const stream = hawse.execs.exec();
  const script = 'trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.1; done';
  let output = '';
  const result = collect(stream, async ({ frame, stdout }) => {
    output += frame === 'stdout' ? stdout.data.toString() : '';
    if (output === 'ready\r\n') {
      await send(stream, { resize: { columns: 90, rows: 20 } });
    }
  });
  await send(stream, { start: { container: id, args: ['sh', '-c', script], io: { terminal: true, stdin: true } } });
  const { stdout } = await result;
  stream.end();
  assert.equal(stdout.toString(), 'ready\r\n20 90\r\n');
});

test('typed control characters act on the terminal', async (t) => {
  const { id } = await running(t);
  const stream = hawse.execs.exec();
  const result = collect(stream, async ({ frame, stdout }) => {
    if (frame === 'stdout' && stdout.data.includes('ready')) {
      await send(stream, { stdin: Buffer.from([3]) });
    }
  });
  const args = ['sh', '-c', 'trap "exit 9" INT; echo ready; while :; do sleep 0.1; done'];
  await send(stream, { start: { container: id, args, io: { terminal: true, stdin: true } } });
  const { exited } = await result;
  stream.end();
  assert.equal(exited.outcome.code, 9);
});

test('a signal reaches the process, and its end says so', async (t) => {
  const { id } = await running(t);
  const stream = hawse.execs.exec();
  const result = collect(stream, async ({ frame }) => {
    if (frame === 'started') {
      await send(stream, { signal: { signal: 'SIGKILL' } });
    }
  });
  await send(stream, { start: { container: id, args: ['sleep', '4321'] } });
  const { exited } = await result;
  stream.end();
  assert.equal(exited.outcome.signal, 9);
});

test('a caller that leaves takes its process along', async (t) => {
  const { id } = await running(t);
  const stream = hawse.execs.exec();
  const args = ['sleep', '4242'];
  const result = collect(stream, ({ frame }) => {
    if (frame === 'started') {
      stream.cancel();
    }
  });
  await send(stream, { start: { container: id, args } });
  assert.equal((await failure(result)).code, grpc.status.CANCELLED);
  await eventually(() => commandsIn(id), (commands) => !commands.includes('sleep 4242'));
});

test('twenty commands at once do not mix', async (t) => {
  const { id } = await running(t);
  const outputs = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => (await execute(id, ['echo', String(i)])).stdout.toString()),
  );
  assert.deepEqual(outputs, Array.from({ length: 20 }, (_, i) => `${i}\n`));
});

test('a container that does not run executes nothing', async (t) => {
  const { id } = await create(t);
  const error = await failure(execute(id, ['true']));
  assert.equal(error.code, grpc.status.FAILED_PRECONDITION, error.message);
  assert.equal(errorInfo(error).reason, 'CONTAINER_STATE');
});

test('a start without a program names the field', async (t) => {
  const { id } = await running(t);
  const error = await failure(execute(id, []));
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT, error.message);
  assert.deepEqual(refusedFields(error), ['args']);
});

test('a second start breaks the protocol', async (t) => {
  const { id } = await running(t);
  const stream = hawse.execs.exec();
  const result = collect(stream);
  const start = { container: id, args: ['sleep', '1000'] };
  await send(stream, { start });
  await send(stream, { start });
  const error = await failure(result);
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT, error.message);
  assert.equal(errorInfo(error).reason, 'PROTOCOL_VIOLATION');
});
