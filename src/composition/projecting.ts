import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { DocumentStore } from '../ports/documentStore.js';
import type { Clock, Ids } from '../ports/clock.js';
import type { EventStore } from '../ports/eventStore.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { Announcer } from '../projections/announcer.js';
import { Projector, type ProjectorOptions } from '../projections/projector.js';
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

/** After so long every process reads from the builds that are active (`MongoDocumentStore`). */
const ROUTES_MILLISECONDS = 1_100;

/** A projector over all read models, not started. */
export const openProjector = (
  { events, documents }: ReadStores,
  failed: Failed,
  hooks: Pick<ProjectorOptions, 'passed' | 'opened'> = {},
): Promise<Projector> =>
  Projector.open({
    ...{ events, documents, projections: allProjections },
    ...hooks,
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
  const goOn = (): void => {
    signal.throwIfAborted();
    term.check();
  };
  try {
    const build = buildByReading(stores, goOn);
    await buildMissing(stores, build, (at) => {
      log.info(at, 'building a read model');
    });
    const announcer = new Announcer({
      ...{ record: new ReachRecord(stores.operational, allProjections), documents: stores.documents, term },
      projections: allProjections,
      routesKnown: () => pause(ROUTES_MILLISECONDS),
    });
    const projector = await openProjector(stores, failed, {
      passed: (position) => announcer.passed(position),
      opened: () => announcer.opened(),
    });
    const administration = projectionAdministration({ stores, projector, build, goOn });
    projector.start();
    const requests = new ProjectorRequests({ operational: stores.operational, clock, ids });
    const serving = requests.serve(administration, signal, (error) => {
      failed('requests to the projector', error);
    });
    if (!signal.aborted) await once(signal, 'abort');
    await everyStep([() => projector.close(), () => serving]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    log.info({ fence: term.fence }, 'this process feeds the read models no more');
  }
}
