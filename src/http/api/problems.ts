/** A request that cannot be understood or must not be done; 400 in the API's own form (contract: conventions §7). */
export class InvalidRequest extends Error {}
