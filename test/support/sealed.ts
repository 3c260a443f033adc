import { isJsonObject } from '../../src/domain/shared/json.js';
import type { Sealed } from '../../src/domain/shared/sealed.js';

export const isSealed = (value: unknown): value is Sealed => isJsonObject(value) && typeof value['box'] === 'string';
