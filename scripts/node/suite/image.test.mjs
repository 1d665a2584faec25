import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import grpc from '@grpc/grpc-js';
import { call, send } from '../client.mjs';
import { errorInfo, refusedFields } from '../details.mjs';
import { create, failure, hawse, image, load, test } from '../fixture.mjs';

after(() => hawse.close());

async function saved(images) {
  const parts = [];
  for await (const { data } of hawse.images.saveImages({ images })) {
    parts.push(data);
  }
  return Buffer.concat(parts);
}

test('an archive is loaded with progress, and its image listed', async () => {
  const { loaded, progress } = await load();
  assert.deepEqual(loaded.map(({ name }) => name), [image]);
  assert.ok(progress.length > 0);
  const { images } = await call(hawse.images, 'listImages', { filter: { names: [image] } });
  assert.deepEqual(images.map(({ digest }) => digest), [loaded[0].digest]);
  assert.deepEqual(loaded[0].config.cmd, ['sh']);
});

test('bytes that are no archive are refused', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'hawse-suite-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'noise');
  await writeFile(path, Buffer.alloc(100_000, createHash('sha256').update('noise').digest()));
  const error = await failure(load(path));
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT, error.message);
  assert.equal(errorInfo(error).reason, 'INVALID_ARCHIVE');
});

test('a load that is cancelled leaves no image', async () => {
  const stream = hawse.images.loadImages();
  stream.on('data', () => {});
  const ended = new Promise((resolve) => stream.on('error', resolve));
  await send(stream, { start: {} });
  await send(stream, { data: Buffer.alloc(64 * 1024) });
  stream.cancel();
  assert.equal((await ended).code, grpc.status.CANCELLED);
});

test('an image that is not there is NOT_FOUND with its reason', async () => {
  const error = await failure(call(hawse.images, 'getImage', { image: 'hawse.test/none:1' }));
  assert.equal(error.code, grpc.status.NOT_FOUND, error.message);
  const { reason, domain, metadata } = errorInfo(error);
  assert.equal(reason, 'IMAGE_NOT_FOUND');
  assert.equal(domain, 'hawse.dev');
  assert.match(metadata.image, /hawse\.test\/none/);
});

test('a tag is another name for the same image, and goes alone', async () => {
  await load();
  const name = 'docker.io/library/hawse-node-tag:2';
  const { image: tagged } = await call(hawse.images, 'tagImage', { image, name: 'hawse-node-tag:2' });
  assert.equal(tagged.name, name);
  assert.deepEqual((await call(hawse.images, 'removeImage', { image: name })).untagged, [name]);
  assert.equal((await call(hawse.images, 'getImage', { image })).image.digest, tagged.digest);
});

test('an image in use is not removed', async (t) => {
  await load();
  const { id } = await create(t);
  const error = await failure(call(hawse.images, 'removeImage', { image }));
  assert.equal(error.code, grpc.status.FAILED_PRECONDITION, error.message);
  assert.equal(errorInfo(error).reason, 'IMAGE_IN_USE');
  assert.ok(errorInfo(error).metadata.containers.includes(id.slice(0, 12)));
});

test('what is saved can be loaded again', async (t) => {
  await load();
  const archive = await saved([image]);
  assert.equal(archive.length % 512, 0);
  const directory = await mkdtemp(join(tmpdir(), 'hawse-suite-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'saved.tar');
  await writeFile(path, archive);
  const { loaded } = await load(path);
  assert.deepEqual(loaded.map(({ name }) => name), [image]);
});

test('a page size out of range names the field', async () => {
  const error = await failure(call(hawse.images, 'listImages', { pageSize: 5000 }));
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT, error.message);
  assert.deepEqual(refusedFields(error), ['page_size']);
});
