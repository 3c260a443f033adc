/** Of most routes that are not the API's (contract: conventions §1, "Common response headers"). */
export const NO_CACHE = 'no-cache, no-store, must-revalidate';
