// What the tests share: one connection, one image, containers that go when the test does.
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { test as nodeTest } from 'node:test';
import { call, collect, connect, send } from './client.mjs';

function required(name) {
  const value = process.env[name];
  assert.ok(value, `${name} must be set; run the suite by scripts/test`);
  return value;
}

export const hawse = connect(required('HAWSE_ADDRESS'));

/** The archive that scripts/make-busybox-image wrote under this name. */
export const archive = required('HAWSE_IMAGE_ARCHIVE');
export const image = required('HAWSE_IMAGE');

/** A test that fails, rather than waits for ever, when the server does not go on. */
export function test(name, body) {
  nodeTest(name, { timeout: 60_000 }, body);
}

/** Sends an archive and returns the names of what was loaded, with all progress. */
export async function load(path = archive) {
  const stream = hawse.images.loadImages();
  const frames = (async () => {
    const all = [];
    for await (const response of stream) {
      all.push(response);
    }
    return all;
  })();
  // Whoever awaits this function gets the failure; until then it is nobody's.
  frames.catch(() => {});
  await send(stream, { start: {} });
  for await (const data of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    await send(stream, { data });
  }
  stream.end();
  const all = await frames;
  return {
    loaded: all.filter(({ frame }) => frame === 'loaded').map(({ loaded }) => loaded),
    progress: all.filter(({ frame }) => frame === 'progress').map(({ progress }) => progress),
  };
}

/** Creates a container from the image and has the test remove it. */
export async function create(test, spec = {}) {
  const { container } = await call(hawse.containers, 'createContainer', {
    spec: { image, args: ['sleep', '1000'], stopGrace: { seconds: 2 }, ...spec },
  });
  test.after(() => discard(container.id));
  return container;
}

/** Creates and starts one. */
export async function running(test, spec) {
  const { id } = await create(test, spec);
  const { container } = await call(hawse.containers, 'startContainer', { container: id });
  return container;
}

async function discard(id) {
  try {
    await call(hawse.containers, 'removeContainer', { container: id, force: true });
  } catch (error) {
    assert.equal(error.code, 5, error.message); // NOT_FOUND: the test removed it itself
  }
}

/** Executes a command to its end; `input` may be bytes, and is followed by the end of input. */
export async function execute(container, args, { input, io, ...start } = {}) {
  const stream = hawse.execs.exec();
  const result = collect(stream);
  result.catch(() => {});
  await send(stream, { start: { container, args, io: { stdin: input !== undefined, ...io }, ...start } });
  for (let from = 0; from < (input?.length ?? 0); from += 256 * 1024) {
    await send(stream, { stdin: input.subarray(from, from + 256 * 1024) });
  }
  stream.end(input === undefined ? undefined : { stdinEof: {} });
  return result;
}

/** The error of a call that must fail. */
export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'the call succeeded, expected an error' });
}

/** Asks again until the answer is as wanted, for what the server tells no event of. */
export async function eventually(ask, isWanted, timeoutMs = 10_000) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) {
      return answer;
    }
    assert.ok(Date.now() < end, `still ${JSON.stringify(answer)} after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
