import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** The schemas that the registry serves, each asked for once. */
export function openSchemas() {
  const ajv = new Ajv2020({ allowUnionTypes: true });
  addFormats(ajv);
  const validators = new Map();

  /** An event names its schema; undefined: the registry has none there. @throws if it does not answer */
  async function validatorOf(address) {
    const known = validators.get(address);
    if (known) return known;
    const response = await fetch(address);
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${address} answered ${response.status}`);
    const validate = ajv.compile(await response.json());
    validators.set(address, validate);
    return validate;
  }

  return {
    /** What is wrong with an event's data; nothing: they are as the registry promised. */
    faultsIn: async ({ schema, data }) => {
      const validate = await validatorOf(schema);
      if (!validate) return [`there is no schema at ${schema}`];
      validate(data);
      return (validate.errors ?? []).map(({ instancePath, message }) => `data${instancePath} ${message}`);
    },
  };
}
