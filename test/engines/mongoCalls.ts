import type { MongoClient } from 'mongodb';

/** A call of a method of a collection, before it is made. */
export type MongoCall = {
  readonly collection: string;
  readonly method: string;
  readonly parameters: readonly unknown[];
  /** Makes the call, with other parameters if they are given. */
  readonly proceed: (...parameters: readonly unknown[]) => Promise<unknown>;
};

export type Interceptor = (call: MongoCall) => Promise<unknown>;

const INTERCEPTED: ReadonlySet<unknown> = new Set([
  ...[
    'findOne',
    'insertOne',
    'updateOne',
    'updateMany',
    'replaceOne',
    'bulkWrite',
    'deleteOne',
    'deleteMany',
    'createIndexes',
  ],
]);

/** The client, except that single calls of its collections go through a function: to count them, delay them, or die. */
export const intercepted = (client: MongoClient, interceptor: Interceptor): MongoClient =>
  answering(client, 'db', (db) =>
    answering(db, 'collection', (collection) => callsOf(collection, nameOf(collection), interceptor)),
  );

/** An object whose method answers something else than it did. */
function answering<Target extends object>(target: Target, name: string, answer: (original: object) => object): Target {
  return new Proxy(target, {
    get(_, property) {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, parameters);
        return property === name && typeof result === 'object' && result !== null ? answer(result) : result;
      };
    },
  });
}

function callsOf(target: object, collection: string, interceptor: Interceptor): object {
  return new Proxy(target, {
    get(_, property) {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]): unknown => {
        if (!INTERCEPTED.has(property)) return Reflect.apply(member, target, parameters);
        const proceed = (...others: readonly unknown[]): Promise<unknown> =>
          Promise.resolve<unknown>(Reflect.apply(member, target, others.length > 0 ? others : parameters));
        return interceptor({ collection, method: String(property), parameters, proceed });
      };
    },
  });
}

const nameOf = (collection: object): string =>
  'collectionName' in collection && typeof collection.collectionName === 'string' ? collection.collectionName : '';

/** The process died: nothing that it would have done afterwards happens. */
export class Died extends Error {}

/**
 * A client whose process dies at its nth write from now on: before it is sent, after it was done, or, where it is a bulk
 * of documents, when half of it was done.
 */
export function mortal(client: MongoClient): {
  readonly client: MongoClient;
  readonly dieAt: (write: number, when: Death) => void;
} {
  let left = Infinity;
  let when: Death = 'before';
  const interceptor: Interceptor = async (call) => {
    if (left < 1) throw new Died();
    if (call.method === 'findOne') return call.proceed();
    left -= 1;
    if (left >= 1) return call.proceed();
    if (when === 'after') await call.proceed();
    if (when === 'halfway' && call.method === 'bulkWrite') {
      const [operations, ...rest] = call.parameters;
      if (Array.isArray(operations)) {
        await call.proceed(operations.slice(0, Math.ceil(operations.length / 2)), ...rest);
      }
    }
    throw new Died();
  };
  return {
    client: intercepted(client, interceptor),
    dieAt: (write, how) => {
      left = write;
      when = how;
    },
  };
}

export type Death = 'before' | 'after' | 'halfway';
