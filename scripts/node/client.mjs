// Hawse's API as grpc-js sees it: the protos loaded as they are, a stub per service.
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const protos = fileURLToPath(new URL('../../proto/hawse-api/src/main/proto', import.meta.url));
const files = ['common', 'container', 'container_spec', 'error', 'event', 'exec', 'image', 'process', 'runtime'];
const definition = loader.loadSync(
  files.map((name) => `hawse/runtime/v1/${name}.proto`),
  { includeDirs: [protos], longs: Number, enums: String, defaults: true, oneofs: true },
);
const api = grpc.loadPackageDefinition(definition).hawse.runtime.v1;

const health = grpc.loadPackageDefinition(
  loader.fromJSON({
    nested: {
      grpc: {
        nested: {
          health: {
            nested: {
              v1: {
                nested: {
                  HealthCheckRequest: { fields: { service: { type: 'string', id: 1 } } },
                  HealthCheckResponse: { fields: { status: { type: 'int32', id: 1 } } },
                  Health: {
                    methods: { Check: { requestType: 'HealthCheckRequest', responseType: 'HealthCheckResponse' } },
                  },
                },
              },
            },
          },
        },
      },
    },
  }),
).grpc.health.v1;

const UNARY_DEADLINE_MS = 30_000;

/** Stubs of every service at an address such as unix:/path; unary methods return promises. */
export function connect(address) {
  const credentials = grpc.credentials.createInsecure();
  const stubs = {
    health: new health.Health(address, credentials),
    runtimes: new api.RuntimeService(address, credentials),
    containers: new api.ContainerService(address, credentials),
    execs: new api.ExecService(address, credentials),
    images: new api.ImageService(address, credentials),
    events: new api.EventService(address, credentials),
  };
  return { ...stubs, close: () => Object.values(stubs).forEach((stub) => stub.close()) };
}

/** Makes one unary call; rejects with grpc-js's error. */
export function call(stub, method, request = {}) {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + UNARY_DEADLINE_MS };
    stub[method](request, options, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

/** Writes a frame, and waits where the server wants no more for now. A call that is over takes no more, which is no error. */
export async function send(stream, frame) {
  if (stream.write(frame)) {
    return;
  }
  await new Promise((resolve) => {
    const events = ['drain', 'end', 'error'];
    const proceed = () => {
      events.forEach((event) => stream.off(event, proceed));
      resolve();
    };
    events.forEach((event) => stream.on(event, proceed));
  });
}

/** Collects a process stream to its end: output as bytes, and the one frame that ends it. */
export async function collect(stream, seen = () => {}) {
  const result = { stdout: [], stderr: [], offsets: { stdout: 0, stderr: 0 } };
  for await (const response of stream) {
    const name = response.frame;
    if (name === 'stdout' || name === 'stderr') {
      const { data, offset } = response[name];
      if (offset !== result.offsets[name]) {
        throw new Error(`${name} goes on at ${offset}, expected ${result.offsets[name]}`);
      }
      result.offsets[name] += data.length;
      result[name].push(data);
    } else if (result[name] !== undefined) {
      throw new Error(`a second frame ${name}`);
    } else if (result.exited !== undefined) {
      throw new Error(`${name} after exited`);
    } else {
      result[name] = response[name];
      // An attached stream goes on where its caller asked for.
      result.offsets = { ...(response.attached?.from ?? result.offsets) };
    }
    await seen(response);
  }
  result.stdout = Buffer.concat(result.stdout);
  result.stderr = Buffer.concat(result.stderr);
  return result;
}
