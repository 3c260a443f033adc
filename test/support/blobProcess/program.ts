import { FolderObjects } from '../../../src/adapters/blobs/objects/folder/folderObjects.js';
import { ObjectBlobStore } from '../../../src/adapters/blobs/objects/objectBlobStore.js';
import { collect, everyOf } from '../../../src/adapters/blobs/sampleContents.js';
import { ContentMissing, OffsetConflict } from '../../../src/ports/errors.js';
import type { Answered, Asked, BlobCall, StoredError } from './calls.js';

/* A process with a blob store on a folder, its argument, that does what its parent asks for. */

const store = new ObjectBlobStore(new FolderObjects(process.argv[2] ?? ''), '');
type Reply = Extract<Asked, { kind: 'chunk' | 'told' }>;
const waiting = new Map<number, (reply: Reply) => void>();

const say = (answer: Answered): void => {
  process.send?.(answer);
};

/** Asks the parent for something that belongs to a call, one thing at a time. */
async function ask(question: Answered): Promise<Reply> {
  const { promise, resolve } = Promise.withResolvers<Reply>();
  waiting.set(question.id, resolve);
  say(question);
  const reply = await promise;
  if (reply.failure !== undefined) throw new Error(reply.failure);
  return reply;
}

async function* sourceOf(id: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const reply = await ask({ kind: 'next', id });
    if (reply.kind !== 'chunk' || reply.chunk === null) return;
    yield reply.chunk;
  }
}

async function run(id: number, call: BlobCall): Promise<unknown> {
  switch (call.name) {
    case 'put':
      return store.put(call.key, call.bytes);
    case 'append': {
      const kept = async (end: number): Promise<void> => {
        await ask({ kind: 'kept', id, end });
      };
      return store.append(call.upload, call.offset, sourceOf(id), call.tells ? kept : undefined, call.step);
    }
    case 'readUpload':
      return collect(store.readUpload(call.upload, call.length, call.at));
    case 'finish':
      return store.finish(call.upload, call.key, call.size, call.at);
    case 'abort':
      return store.abort(call.upload);
    case 'stream':
      return collect(await store.stream(call.key, call.range));
    case 'stat':
      return store.stat(call.key);
    case 'marker':
      return store.marker();
    case 'mark':
      return store.mark(call.marker);
    case 'delete':
      return store.delete(call.key);
    case 'list':
      return everyOf(store.list());
    case 'listUploads':
      return everyOf(store.listUploads());
  }
}

function stored(error: unknown): StoredError {
  if (error instanceof OffsetConflict) {
    return { name: 'OffsetConflict', expected: error.expected, actual: error.actual };
  }
  if (error instanceof ContentMissing) return { name: 'ContentMissing', key: error.key };
  return { name: 'other', message: error instanceof Error ? error.message : String(error) };
}

process.on('message', (asked: Asked) => {
  if (asked.kind === 'call') {
    run(asked.id, asked.call).then(
      (value) => {
        say({ kind: 'done', id: asked.id, value });
      },
      (error: unknown) => {
        say({ kind: 'failed', id: asked.id, error: stored(error) });
      },
    );
  } else {
    waiting.get(asked.id)?.(asked);
  }
});
