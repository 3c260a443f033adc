import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { DocumentStore } from '../ports/documentStore.js';
import type { Clock, Ids } from '../ports/clock.js';
import type { EventStore } from '../ports/eventStore.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { Projector } from '../projections/projector.js';
import { fingerprintOf, ReachRecord } from '../projections/reach.js';
import type { Log } from '../telemetry/log.js';
import { Lease, type Holding } from '../workers/lease.js';
import type { Term } from '../workers/leaseTerm.js';
import { everyStep } from './everyStep.js';
import type { Failed } from './failed.js';
import { buildByReading, buildMissing } from './laneBuilding.js';
import { projectionAdministration } from './projectionAdministration.js';
import { ProjectorRequests } from './projectorRequests.js';
import { allProjections } from './projections.js';

type ReadStores = { readonly events: EventStore; readonly documents: DocumentStore };

/** A projector over all read models, not started. */
export const openProjector = (
  { events, documents }: ReadStores,
  failed: Failed,
  passed?: (position: Projector['position']) => Promise<void>,
): Promise<Projector> =>
  Projector.open({
    ...{ events, documents, projections: allProjections },
    ...(passed ? { passed } : {}),
    failed: (error) => {
      failed('projection', error);
    },
  });

export type ProjectingOptions = {
  readonly stores: ReadStores & { readonly operational: OperationalStore };
  readonly clock: Clock;
  readonly ids: Ids;
  readonly holder: string;
  readonly leaseSeconds: number;
  readonly log: Log;
  readonly failed: Failed;
};

/**
 * Feeds the read models while this process holds the lease for it, and tells the others how far they are. Programs whose
 * read models differ have leases of their own, so that an upgrade can feed both.
 */
export function project(options: ProjectingOptions): Holding {
  const { stores, holder, leaseSeconds, failed } = options;
  const lease = new Lease({
    ...{ operational: stores.operational, holder, seconds: leaseSeconds },
    name: `projector-${fingerprintOf(allProjections)}`,
    failed: (error) => {
      failed('projector', error);
    },
  });
  return lease.hold((term) => feed(options, term));
}

async function feed({ stores, clock, ids, log, failed }: ProjectingOptions, term: Term): Promise<void> {
  log.info({ fence: term.fence }, 'this process feeds the read models now');
  const { signal } = term;
  const build = buildByReading(stores);
  await buildMissing(stores, build, (projection, done, total) => {
    log.info({ projection, done, total }, 'building a read model');
  });
  const reach = new ReachRecord(stores.operational, allProjections);
  // Whatever an earlier feeder left: queries look once which builds they have to read from.
  let era = randomUUID();
  const projector = await openProjector(stores, failed, (position) => {
    term.check();
    return reach.announce({ position, era });
  });
  const administration = projectionAdministration({
    ...{ stores, projector, build },
    replaced: () => {
      era = randomUUID();
    },
  });
  projector.start();
  const requests = new ProjectorRequests({ operational: stores.operational, clock, ids });
  const serving = requests.serve(administration, signal, (error) => {
    failed('requests to the projector', error);
  });
  if (!signal.aborted) await once(signal, 'abort');
  await everyStep([() => serving, () => projector.close()]);
  log.info({ fence: term.fence }, 'this process feeds the read models no more');
}
