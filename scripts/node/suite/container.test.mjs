import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before } from 'node:test';
import grpc from '@grpc/grpc-js';
import { call, collect, send } from '../client.mjs';
import { errorInfo, refusedFields } from '../details.mjs';
import { create, eventually, failure, hawse, image, load, running, test } from '../fixture.mjs';

before(() => load());
after(() => hawse.close());

async function state(container) {
  return (await call(hawse.containers, 'getContainer', { container })).container.state;
}

test('a container is created, started, stopped and removed', async (t) => {
  const created = await create(t, { stopSignal: 'KILL' });
  assert.match(created.id, /^[0-9a-f]{64}$/);
  assert.equal(created.state, 'CONTAINER_STATE_CREATED');
  const { container: started } = await call(hawse.containers, 'startContainer', { container: created.id });
  assert.equal(started.state, 'CONTAINER_STATE_RUNNING');
  assert.ok(started.pid > 0);
  const { container: stopped } = await call(hawse.containers, 'stopContainer', { container: created.name });
  assert.equal(stopped.state, 'CONTAINER_STATE_EXITED');
  assert.equal(stopped.exit.signal, 9);
  await call(hawse.containers, 'removeContainer', { container: created.id });
  const error = await failure(call(hawse.containers, 'getContainer', { container: created.id }));
  assert.equal(error.code, grpc.status.NOT_FOUND, error.message);
  assert.equal(errorInfo(error).reason, 'CONTAINER_NOT_FOUND');
});

test('a process that ignores the stop signal is killed after the grace time', async (t) => {
  // The first process of a pid namespace ignores signals that it has no handler for.
  const { id } = await running(t, { args: ['sleep', '1000'] });
  const { container, killed } = await call(hawse.containers, 'stopContainer', { container: id, grace: { nanos: 2e8 } });
  assert.equal(killed, true);
  assert.equal(container.exit.signal, 9);
});

test('bad fields are all named at once', async () => {
  const spec = { image, name: '-', hostname: '_', workingDir: 'relative' };
  const error = await failure(call(hawse.containers, 'createContainer', { spec }));
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT, error.message);
  assert.equal(errorInfo(error).reason, 'INVALID_FIELD');
  assert.deepEqual(refusedFields(error).sort(), ['hostname', 'name', 'working_dir']);
});

test('a name is taken until its container goes', async (t) => {
  const { id, name } = await create(t);
  const error = await failure(call(hawse.containers, 'createContainer', { spec: { image, name } }));
  assert.equal(error.code, grpc.status.ALREADY_EXISTS, error.message);
  assert.equal(errorInfo(error).reason, 'NAME_IN_USE');
  await call(hawse.containers, 'removeContainer', { container: id });
  assert.equal((await create(t, { name })).name, name);
});

test('a renamed container is found by its new name and by the start of its id', async (t) => {
  const { id } = await create(t);
  const name = `renamed-${id.slice(0, 8)}`;
  await call(hawse.containers, 'renameContainer', { container: id, name });
  for (const container of [name, id.slice(0, 20)]) {
    assert.equal((await call(hawse.containers, 'getContainer', { container })).container.id, id);
  }
});

test('lists filter by label and come in pages', async (t) => {
  const labels = { suite: `pages-${process.pid}` };
  const ids = [];
  for (let i = 0; i < 3; i++) {
    ids.unshift((await create(t, { labels })).id);
  }
  const listed = [];
  let pageToken = '';
  do {
    const page = await call(hawse.containers, 'listContainers', { filter: { labels }, pageSize: 2, pageToken });
    assert.ok(page.containers.length <= 2);
    listed.push(...page.containers.map(({ id }) => id));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  assert.deepEqual(listed, ids);
});

test('a paused container goes on when resumed', async (t) => {
  const { id } = await running(t);
  await call(hawse.containers, 'pauseContainer', { container: id });
  assert.equal(await state(id), 'CONTAINER_STATE_PAUSED');
  await call(hawse.containers, 'resumeContainer', { container: id });
  assert.equal(await state(id), 'CONTAINER_STATE_RUNNING');
});

test('a restarted container has another process', async (t) => {
  const before = await running(t);
  const { container } = await call(hawse.containers, 'restartContainer', { container: before.id, grace: {} });
  assert.equal(container.state, 'CONTAINER_STATE_RUNNING');
  assert.notEqual(container.pid, before.pid);
});

test('a wait answers with the exit code', async (t) => {
  const { id } = await create(t, { args: ['sh', '-c', 'exit 42'] });
  const condition = 'WAIT_CONDITION_NEXT_EXIT';
  const waiting = call(hawse.containers, 'waitContainer', { container: id, condition });
  await call(hawse.containers, 'startContainer', { container: id });
  assert.equal((await waiting).exited.outcome.code, 42);
});

test('run carries the output and the exit code, and removes the container', async () => {
  const stream = hawse.containers.runContainer();
  const result = collect(stream);
  const spec = { image, args: ['sh', '-c', 'cat; echo err >&2; exit 3'], io: { stdin: true } };
  await send(stream, { start: { spec, remove: true } });
  await send(stream, { stdin: Buffer.from('from afar\n') });
  stream.end({ stdinEof: {} });
  const { created, started, exited, stdout, stderr } = await result;
  assert.ok(started.pid > 0);
  assert.equal(stdout.toString(), 'from afar\n');
  assert.equal(stderr.toString(), 'err\n');
  assert.equal(exited.outcome.code, 3);
  const error = await failure(call(hawse.containers, 'getContainer', { container: created.container.id }));
  assert.equal(error.code, grpc.status.NOT_FOUND, error.message);
});

test('logs are kept with their streams and times, and the tail is the last lines', async (t) => {
  const { id } = await running(t, { args: ['sh', '-c', 'echo one; echo two; echo three; echo bad >&2'] });
  await call(hawse.containers, 'waitContainer', { container: id });
  const read = async (request) => {
    const pieces = [];
    for await (const piece of hawse.containers.streamLogs({ container: id, ...request })) {
      assert.ok(piece.time.seconds > 0);
      pieces.push(piece.data.toString());
    }
    return pieces.join('');
  };
  assert.equal(await read({ streams: ['OUTPUT_STREAM_STDOUT'] }), 'one\ntwo\nthree\n');
  assert.equal(await read({ streams: ['OUTPUT_STREAM_STDERR'] }), 'bad\n');
  assert.equal(await read({ streams: ['OUTPUT_STREAM_STDOUT'], tail: 2 }), 'two\nthree\n');
  assert.equal((await read({ follow: true })).length, 'one\ntwo\nthree\nbad\n'.length);
});

test('an attached caller reads and writes the main process', async (t) => {
  const { id } = await running(t, { args: ['cat'], io: { stdin: true } });
  const stream = hawse.containers.attachContainer();
  const result = collect(stream, async ({ frame }) => {
    if (frame === 'attached') {
      await send(stream, { stdin: Buffer.from('ping') });
      stream.end({ stdinEof: {} });
    }
  });
  await send(stream, { start: { container: id, stdin: true } });
  const { attached, stdout, exited } = await result;
  assert.equal(attached.containerId, id);
  assert.equal(stdout.toString(), 'ping');
  assert.equal(exited.outcome.code, 0);
});

test('processes are listed with their arguments', async (t) => {
  const { id, pid } = await running(t, { args: ['sleep', '1234'] });
  const { processes } = await call(hawse.containers, 'listProcesses', { container: id });
  assert.deepEqual(processes.map((process) => [process.pid, process.args]), [[pid, ['sleep', '1234']]]);
});

test('events tell a life in its order', async (t) => {
  const stream = hawse.events.watchEvents({});
  const seen = [];
  stream.on('data', ({ event }) => event && seen.push(event));
  stream.on('error', () => {}); // the cancellation below
  t.after(() => stream.cancel());
  await once(stream, 'data');
  const { id } = await create(t, { args: ['true'] });
  await call(hawse.containers, 'startContainer', { container: id });
  await call(hawse.containers, 'waitContainer', { container: id });
  await call(hawse.containers, 'removeContainer', { container: id });
  const types = () => seen.filter(({ containerId }) => containerId === id).map(({ type }) => type);
  await eventually(types, (all) => all.includes('EVENT_TYPE_CONTAINER_REMOVED'));
  const life = ['CREATED', 'STARTED', 'EXITED', 'REMOVED'];
  assert.deepEqual(types(), life.map((name) => `EVENT_TYPE_CONTAINER_${name}`));
});
