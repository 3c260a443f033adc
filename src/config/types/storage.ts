import { nearest } from '../suggest.js';
import { isMapping } from './collections.js';
import { isRead, REFUSED, type Place, type Refused } from './place.js';
import { storageDrivers } from './storageDrivers.js';
import { fromJson, type ValueIn, type ValueType } from './valueType.js';

export type StorageDriver = keyof typeof storageDrivers;

/** A place for bytes: its id, how it is spoken to and what that needs. */
export type StorageLocation = {
  [Driver in StorageDriver]: {
    readonly id: string;
    readonly driver: Driver;
    readonly parameters: ValueIn<(typeof storageDrivers)[Driver]>;
  };
}[StorageDriver];

const DRIVERS = Object.keys(storageDrivers);
const LOCATION = `a list of a driver (${DRIVERS.join(', ')}) and a mapping of its parameters`;

const isDriver = (name: string): name is StorageDriver => Object.hasOwn(storageDrivers, name);

function parseLocation(id: string, value: unknown, place: Place): StorageLocation | Refused {
  if (!Array.isArray(value)) return place.refuse(value, LOCATION);
  const items: readonly unknown[] = value;
  const [driver, parameters] = items;
  if (typeof driver !== 'string') return place.refuse(value, LOCATION);
  if (isDriver(driver)) {
    const parsed = storageDrivers[driver].parse(parameters ?? {}, place.member(driver));
    if (driver === 'S3Storage') warnOfUnusedEndpoint(parameters, place.member(driver));
    // The table ties each driver to its parameters: what the compiler cannot follow for a driver among many.
    return isRead(parsed) ? ({ id, driver, parameters: parsed } as StorageLocation) : REFUSED;
  }
  const near = nearest(driver, DRIVERS);
  return place.refuse(driver, `one of the drivers ${DRIVERS.join(', ')}${near === undefined ? '' : ` (${near}?)`}`);
}

/** A region replaces what says where the server is (contract: config §7); whoever gave both should know. */
function warnOfUnusedEndpoint(parameters: unknown, place: Place): void {
  if (!isMapping(parameters) || (parameters['s3_region'] ?? null) === null) return;
  const unused = ['host', 'port', 'endpoint_url'].filter((name) => (parameters[name] ?? null) !== null);
  if (unused.length > 0) place.warn(`${unused.join(', ')} is not used, because s3_region is given`);
}

/** `{<id>: [<driver>, {parameters}]}`, in the order of the file. */
export const storageLocations: ValueType<readonly StorageLocation[]> = {
  name: 'mapping of ids to [driver, {parameters}]',
  allowed: `a mapping of at least one id to ${LOCATION}`,
  secret: true,
  fromText: fromJson,
  parse(value, place) {
    if (!isMapping(value) || Object.keys(value).length === 0) return place.refuse(value, this.allowed);
    const entries = Object.entries(value);
    const locations = entries.map(([id, each]) => parseLocation(id, each, place.member(id)));
    const good = locations.filter(isRead);
    return good.length === entries.length ? good : REFUSED;
  },
};
