/** Manifests, from bytes to facts: one import for those who need several parts. */
export * from './accept.js';
export * from './annotations.js';
export * from './errors.js';
export * from './facts.js';
export * from './labels.js';
export * from './layers.js';
export * from './manifestDigest.js';
export * from './mediaTypes.js';
export * from './negotiate.js';
export * from './parse.js';
export * from './schema1Target.js';
export * from './tagEffects.js';
